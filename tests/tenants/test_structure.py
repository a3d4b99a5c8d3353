"""Departments and roles."""

from typing import Any

import pytest

from guanxi.access import Actor, Scope, allows, register_permissions
from guanxi.common.errors import Conflict, Invalid, PermissionDenied
from guanxi.events.models import OutboxEvent
from tenants.members import selectors, services
from tenants.members.models import Department, Role
from tenants.members.role_defaults import default_grants, grant_by_default
from tests.people import Team
from tests.tenants.forms import Browsers, id_of

register_permissions("samovar", ["read", "boil"])


def department(name: str) -> Department:
    return Department.objects.get(name=name)


def test_move_takes_the_whole_subtree_along(team: Team) -> None:
    owner = team["owner"]
    deep = services.create_department(actor=owner, name="east one", parent_id=department("east").pk)
    sales, service = department("sales"), department("service")
    services.move_department(actor=owner, department_id=sales.pk, parent_id=service.pk)
    root = Department.objects.get(parent__isnull=True)
    assert department("sales").path == f"/{root.pk}/{service.pk}/{sales.pk}/"
    assert department("east").path == f"{department('sales').path}{department('east').pk}/"
    assert department("east one").path == f"{department('east').path}{deep.pk}/"
    assert selectors.department_of(team["rep2"].member_id) == department("east").path
    moved = OutboxEvent.objects.filter(kind="department.moved").latest("pk")
    assert moved.data["to"] == department("sales").path


def test_paths_stay_what_parents_say(team: Team) -> None:
    owner = team["owner"]
    services.move_department(actor=owner, department_id=department("east").pk, parent_id=department("service").pk)
    services.move_department(actor=owner, department_id=department("service").pk, parent_id=department("sales").pk)
    for row in Department.objects.exclude(parent=None).select_related("parent"):
        assert row.parent is not None
        assert row.path == f"{row.parent.path}{row.pk}/"


def test_similar_ids_are_no_relatives(team: Team) -> None:
    """Moving /1/2/ must not take /1/20/ along."""
    owner, root = team["owner"], Department.objects.get(parent__isnull=True)
    two = Department.objects.create(pk=500, name="two", parent=root, path=f"/{root.pk}/500/")
    twenty = Department.objects.create(pk=5001, name="twenty", parent=root, path=f"/{root.pk}/5001/")
    services.move_department(actor=owner, department_id=two.pk, parent_id=department("sales").pk)
    twenty.refresh_from_db()
    assert twenty.path == f"/{root.pk}/5001/"


def test_tree_refuses_what_would_break_it(team: Team) -> None:
    owner, root = team["owner"], Department.objects.get(parent__isnull=True)
    cases: list[tuple[type[Exception], str, Any]] = [
        (
            Conflict,
            "circle_of_departments",
            lambda: services.move_department(
                actor=owner, department_id=department("sales").pk, parent_id=department("east").pk
            ),
        ),
        (
            Conflict,
            "root_department",
            lambda: services.move_department(actor=owner, department_id=root.pk, parent_id=department("east").pk),
        ),
        (Conflict, "root_department", lambda: services.remove_department(actor=owner, department_id=root.pk)),
        (
            Conflict,
            "department_not_empty",
            lambda: services.remove_department(actor=owner, department_id=department("sales").pk),
        ),
        (
            Conflict,
            "department_not_empty",
            lambda: services.remove_department(actor=owner, department_id=department("service").pk),
        ),
        (Invalid, "department_name_taken", lambda: services.create_department(actor=owner, name="SALES")),
        (Invalid, "invalid_name", lambda: services.create_department(actor=owner, name=" ")),
        (Invalid, "unknown_department", lambda: services.create_department(actor=owner, name="x", parent_id=99_999)),
        (PermissionDenied, "permission_denied", lambda: services.create_department(actor=team["manager"], name="x")),
    ]
    before = list(Department.objects.order_by("pk").values_list("pk", "path"))
    for kind, code, call in cases:
        with pytest.raises(kind) as refused:
            call()
        assert refused.value.code == code  # type: ignore[attr-defined]
    assert list(Department.objects.order_by("pk").values_list("pk", "path")) == before


def test_tree_is_not_endless(team: Team) -> None:
    parent = department("east").pk
    with pytest.raises(Conflict) as refused:
        for number in range(20):
            parent = services.create_department(actor=team["owner"], name=f"d{number}", parent_id=parent).pk
    assert refused.value.code == "tree_too_deep"


def test_departments_over_the_api(browser_of: Browsers, team: Team) -> None:
    boss = browser_of("alpha", "owner")
    made = boss.post("/api/v1/departments", {"name": "South"}, content_type="application/json").json()
    renamed = boss.patch(
        f"/api/v1/departments/{made['id']}",
        {"name": "South-West", "head_id": team["rep"].member_id},
        content_type="application/json",
    ).json()
    assert (renamed["name"], renamed["head_id"]) == ("South-West", team["rep"].member_id)
    cleared = boss.patch(f"/api/v1/departments/{made['id']}", {"head_id": None}, content_type="application/json").json()
    assert cleared["head_id"] is None
    moved = boss.post(
        f"/api/v1/departments/{made['id']}/move", {"parent_id": department("sales").pk}, content_type="application/json"
    ).json()
    assert moved["path"] == f"{department('sales').path}{made['id']}/"
    listed = boss.get("/api/v1/departments").json()["items"]
    assert {item["name"]: item["members"] for item in listed}["sales"] == 2
    assert boss.delete(f"/api/v1/departments/{made['id']}").status_code == 204
    rep = browser_of("alpha", "rep")
    assert rep.get("/api/v1/departments").status_code == 200
    assert rep.post("/api/v1/departments", {"name": "Mine"}, content_type="application/json").status_code == 403


def test_own_role_grants_no_more_than_its_maker_has(team: Team) -> None:
    admin = team["admin"]
    role = services.create_role(
        actor=admin, code="tea_maker", name="茶师", grants={"samovar.boil": {"scope": "DEPARTMENT"}}
    )
    services.update_member(actor=admin, member_id=id_of(team["rep"]), changes={"roles": ["rep", "tea_maker"]})
    rep = selectors.actor_of_member_id(id_of(team["rep"]))
    assert rep is not None
    assert {grant.scope for grant in rep.grants["samovar.boil"]} == {Scope.DEPARTMENT}
    with pytest.raises(PermissionDenied):
        services.create_role(actor=admin, code="closer", name="x", grants={"workspace.close": {"scope": "ALL"}})
    with pytest.raises(Conflict) as refused:
        services.remove_role(actor=admin, role_id=role.pk)
    assert refused.value.code == "role_in_use"


def test_whoever_may_manage_roles_but_little_else_cannot_climb(team: Team) -> None:
    services.create_role(
        actor=team["owner"],
        code="clerk",
        name="Clerk",
        grants={
            p: {"scope": "ALL"}
            for p in ("role.manage", "role.read", "member.update", "member.grant_roles", "member.read")
        },
    )
    services.update_member(actor=team["owner"], member_id=id_of(team["rep"]), changes={"roles": ["clerk"]})
    clerk = selectors.actor_of_member_id(id_of(team["rep"]))
    assert clerk is not None
    admin_role = Role.objects.get(code="admin")
    attempts = (
        lambda: services.create_role(actor=clerk, code="more", name="x", grants={"api_key.manage": {"scope": "ALL"}}),
        lambda: services.update_role(
            actor=clerk, role_id=Role.objects.get(code="clerk").pk, grants={"api_key.manage": {"scope": "ALL"}}
        ),
        lambda: services.update_member(actor=clerk, member_id=id_of(clerk), changes={"roles": ["admin"]}),
        lambda: services.update_role(actor=clerk, role_id=admin_role.pk, grants={}),
        lambda: services.update_member(actor=clerk, member_id=id_of(team["admin"]), changes={"title": "x"}),
    )
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()


def test_built_in_role_keeps_only_its_difference_and_grows_with_releases(team: Team) -> None:
    role = Role.objects.get(code="rep")
    shown = {p: {"scope": s.name, "departments": []} for p, s in default_grants("rep").items()}
    del shown["samovar.read"]
    shown["samovar.boil"] = {"scope": "SELF", "departments": []}
    services.update_role(actor=team["owner"], role_id=role.pk, grants=shown)
    role.refresh_from_db()
    assert role.grants == {"samovar.boil": {"scope": "SELF", "departments": []}, "samovar.read": None}
    register_permissions("samovar", ["read", "boil", "polish"])
    grant_by_default("rep", "samovar.polish", Scope.SELF)
    rep = selectors.actor_of_member_id(id_of(team["rep"]))
    assert rep is not None
    assert (allows(rep, "samovar.read"), allows(rep, "samovar.boil"), allows(rep, "samovar.polish")) == (
        False,
        True,
        True,
    )


def test_owner_role_is_fixed(team: Team) -> None:
    with pytest.raises(Conflict) as refused:
        services.update_role(actor=team["owner"], role_id=Role.objects.get(code="owner").pk, grants={})
    assert refused.value.code == "owner_role_fixed"


@pytest.mark.parametrize(
    "grants",
    [
        {"nothing.at_all": {"scope": "ALL"}},
        {"samovar.boil": {"scope": "EVERYWHERE"}},
        {"samovar.boil": {"scope": "CHOSEN"}},
        {"samovar.boil": {"scope": "ALL", "departments": ["/1/"]}},
    ],
)
def test_faulty_grant_is_refused(owner: Actor, grants: Any) -> None:
    with pytest.raises(Invalid):
        services.create_role(actor=owner, code="odd", name="Odd", grants=grants)
    assert not Role.objects.filter(code="odd").exists()


def test_roles_over_the_api(browser_of: Browsers) -> None:
    boss = browser_of("alpha", "owner")
    listed = boss.get("/api/v1/roles").json()
    assert "samovar" in listed["permissions"]
    assert {role["code"]: role["members"] for role in listed["items"]}["rep"] == 2
    body = {
        "code": "tea_maker",
        "name": "茶师",
        "grants": {"samovar.boil": {"scope": "ALL"}},
        "field_modes": {"customer": {"phone": "MASKED"}},
    }
    made = boss.post("/api/v1/roles", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["grants"]["samovar.boil"]["scope"] == "ALL"
    assert boss.post("/api/v1/roles", body, content_type="application/json").json()["code"] == "role_code_taken"
    odd = {**body, "code": "odd", "field_modes": {"customer": {"phone": "SECRET"}}}
    assert boss.post("/api/v1/roles", odd, content_type="application/json").json()["code"] == "invalid_field_mode"
    assert boss.delete(f"/api/v1/roles/{made.json()['id']}").status_code == 204
    assert (
        browser_of("alpha", "manager").post("/api/v1/roles", body, content_type="application/json").status_code == 403
    )
