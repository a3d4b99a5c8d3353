"""Members: who may see, change, promote and switch off whom."""

from typing import Any, cast

import pytest
from django.test import Client

from guanxi.access import Actor, FieldMode, Scope, allows, known_permissions
from guanxi.common.errors import Conflict, Invalid, PermissionDenied, VersionConflict
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.accounts.models import User
from tenants.members import selectors, services
from tenants.members.actors import combined_modes
from tenants.members.models import Member, Role
from tenants.members.services.members import MemberChanges
from tests.people import Team
from tests.tenants.forms import Browsers, id_of


def member_of(actor: Actor) -> Member:
    return Member.objects.get(pk=id_of(actor))


def patch(client: Client, path: str, body: dict[str, Any], **headers: Any) -> Any:
    return client.patch(path, body, content_type="application/json", **headers)


def test_loading_an_actor_takes_at_most_three_queries_once_a_request(
    team: Team, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    user = User.objects.get(email__startswith="manager@")
    Member.objects.filter(user=user).update(last_seen_at=None)
    selectors.load_actor(User.objects.get(pk=user.pk))
    with django_assert_max_num_queries(3):
        assert selectors.load_actor(user) is not None
    with django_assert_num_queries(0):
        actor = selectors.load_actor(user)
    assert actor is not None
    assert actor.member_id == team["manager"].member_id


def test_actor_knows_department_and_who_is_below(team: Team) -> None:
    assert team["rep2"].department_path.startswith(team["rep"].department_path)
    assert selectors.subordinate_ids(id_of(team["manager"])) == {id_of(team["rep"]), id_of(team["rep2"])}
    assert id_of(team["agent"]) in selectors.subordinate_ids(id_of(team["owner"]))
    assert selectors.subordinate_ids(id_of(team["rep"])) == frozenset()


def test_circle_of_managers_in_the_table_does_not_hang(team: Team) -> None:
    Member.objects.filter(pk=id_of(team["owner"])).update(manager_id=id_of(team["rep"]))
    assert id_of(team["owner"]) in selectors.subordinate_ids(id_of(team["rep"]))
    assert id_of(team["rep"]) not in selectors.subordinate_ids(id_of(team["rep"]))


def test_built_in_roles_grow_with_what_apps_register(team: Team) -> None:
    everything = {f"{kind}.{action}" for kind, actions in known_permissions().items() for action in actions}
    assert set(team["owner"].grants) == everything
    assert everything - set(team["admin"].grants) == {"workspace.close"}
    for part in ("manager", "rep", "agent"):
        for closed in ("api_key.manage", "role.manage", "workspace.update", "invitation.create", "member.update"):
            assert not allows(team[part], closed), (part, closed)
        assert allows(team[part], "member.read")


def test_reps_reach_their_own_records_and_managers_their_departments(team: Team) -> None:
    for permission, reach in team["rep"].grants.items():
        if permission.startswith(("lead.", "customer.", "deal.")):
            assert max(grant.scope for grant in reach) is Scope.SELF, permission
    if "lead" in known_permissions():
        assert {grant.scope for grant in team["manager"].grants["lead.read"]} == {Scope.DEPARTMENT_AND_BELOW}
        assert {grant.scope for grant in team["agent"].grants["customer.read"]} == {Scope.ALL}


def test_field_modes_of_two_roles_the_strictest_hide_or_mask_wins() -> None:
    first = Role(code="a", field_modes={"customer": {"phone": "MASKED", "email": "READ", "name": "READ"}})
    second = Role(code="b", field_modes={"customer": {"phone": "EDIT", "name": "READ"}})
    modes = combined_modes([first, second])["customer"]
    assert modes == {"phone": FieldMode.MASKED, "email": FieldMode.EDIT, "name": FieldMode.READ}


def test_list_searches_filters_and_pages(browser_of: Browsers, team: Team) -> None:
    boss = browser_of("alpha", "owner")
    assert len(boss.get("/api/v1/members").json()["items"]) == 6
    first = boss.get("/api/v1/members?limit=4").json()
    rest = boss.get("/api/v1/members", {"limit": 4, "cursor": first["next"]}).json()
    names = [item["name"] for item in first["items"] + rest["items"]]
    assert names == sorted(names)
    assert len(set(names)) == 6
    assert [item["name"] for item in boss.get("/api/v1/members?q=two").json()["items"]] == ["Rep Two"]
    assert {item["name"] for item in boss.get("/api/v1/members?role=rep").json()["items"]} == {"Rep", "Rep Two"}
    sales = member_of(team["manager"]).department_id
    assert {item["name"] for item in boss.get(f"/api/v1/members?department={sales}").json()["items"]} == {
        "Manager",
        "Rep",
        "Rep Two",
    }


def test_update_writes_version_audit_and_event(browser_of: Browsers, team: Team) -> None:
    boss = browser_of("alpha", "owner")
    path = f"/api/v1/members/{id_of(team['rep'])}"
    seen = boss.get(path)
    version = seen.json()["version"]
    assert seen.headers["ETag"] == f'"{version}"'
    changed = patch(boss, path, {"title": "Senior", "manager_id": None}, headers={"If-Match": seen.headers["ETag"]})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["title"], changed.json()["manager"], changed.json()["version"]) == (
        "Senior",
        None,
        version + 1,
    )
    late = patch(boss, path, {"title": "Junior"}, headers={"If-Match": seen.headers["ETag"]})
    assert (late.status_code, late.json()["code"]) == (412, "version_conflict")
    assert member_of(team["rep"]).title == "Senior"
    event = OutboxEvent.objects.filter(kind="member.updated").latest("pk")
    assert event.data == {"fields": ["manager", "title"]}
    from guanxi.audit import record_history

    entry = next(iter(record_history("member", id_of(team["rep"]))))
    assert entry.changes["title"] == ["", "Senior"]


@pytest.mark.parametrize("part", ["manager", "rep", "agent"])
def test_who_has_not_the_right_changes_nobody(browser_of: Browsers, team: Team, part: str) -> None:
    client = browser_of("alpha", part)
    target = id_of(team["rep2"])
    assert patch(client, f"/api/v1/members/{target}", {"title": "x"}).status_code == 403
    assert client.post(f"/api/v1/members/{target}/switch-off").status_code == 403
    assert member_of(team["rep2"]).title == ""


def test_other_tenants_member_does_not_exist(browser_of: Browsers, alpha: TenantRef, beta: TenantRef) -> None:
    with tenant_scope(beta):
        from tenants.members.services import add_member

        extra = add_member(actor=Actor.system("test"), email="x@example.com", name="Extra", roles=["rep"])
    boss = browser_of("alpha", "owner")
    assert boss.get(f"/api/v1/members/{extra.pk}").status_code == 404
    assert patch(boss, f"/api/v1/members/{extra.pk}", {"title": "x"}).status_code == 404
    assert boss.post(f"/api/v1/members/{extra.pk}/switch-off").status_code == 404


def test_admin_makes_no_owner_and_touches_none(team: Team) -> None:
    admin = team["admin"]
    for target in ("rep", "admin"):
        with pytest.raises(PermissionDenied):
            services.update_member(actor=admin, member_id=id_of(team[target]), changes={"roles": ["owner"]})
    with pytest.raises(PermissionDenied):
        services.update_member(actor=admin, member_id=id_of(team["owner"]), changes={"title": "x"})
    with pytest.raises(PermissionDenied):
        services.update_member(actor=admin, member_id=id_of(team["owner"]), changes={"roles": ["rep"]})
    with pytest.raises(PermissionDenied):
        services.switch_member_off(actor=admin, member_id=id_of(team["owner"]))
    assert [role.code for role in member_of(team["owner"]).roles.all()] == ["owner"]


def test_owner_promotes_and_only_then_may_leave(team: Team) -> None:
    owner = team["owner"]
    for leave in (["rep"], ["admin"]):
        with pytest.raises(Conflict) as refused:
            services.update_member(actor=owner, member_id=id_of(owner), changes={"roles": leave})
        assert refused.value.code == "last_owner"
    services.update_member(actor=owner, member_id=id_of(team["admin"]), changes={"roles": ["admin", "owner"]})
    services.update_member(actor=owner, member_id=id_of(owner), changes={"roles": ["rep"]})
    assert selectors.active_members_with_role("owner") == [id_of(team["admin"])]
    with pytest.raises(Conflict) as refused:
        services.switch_member_off(actor=Actor.system("test"), member_id=id_of(team["admin"]))
    assert refused.value.code == "last_owner"


def test_switched_off_owner_does_not_count(team: Team) -> None:
    services.update_member(actor=team["owner"], member_id=id_of(team["admin"]), changes={"roles": ["owner"]})
    services.switch_member_off(actor=team["owner"], member_id=id_of(team["admin"]))
    with pytest.raises(Conflict) as refused:
        services.update_member(actor=team["owner"], member_id=id_of(team["owner"]), changes={"roles": ["rep"]})
    assert refused.value.code == "last_owner"


def test_switching_off_ends_sessions_and_on_lets_in_again(browser_of: Browsers, team: Team) -> None:
    rep, boss = browser_of("alpha", "rep"), browser_of("alpha", "owner")
    assert rep.get("/api/v1/members").status_code == 200
    off = boss.post(f"/api/v1/members/{id_of(team['rep'])}/switch-off")
    assert off.json()["state"] == "switched_off"
    assert rep.get("/api/v1/members").status_code == 401
    assert selectors.load_actor(User.objects.get(email__startswith="rep@")) is None
    assert id_of(team["rep"]) not in selectors.active_members_with_role("rep")
    boss.post(f"/api/v1/members/{id_of(team['rep'])}/switch-on")
    assert browser_of("alpha", "rep").get("/api/v1/members").status_code == 200
    kinds = list(OutboxEvent.objects.filter(aggregate_kind="member").order_by("pk").values_list("kind", flat=True))[-2:]
    assert kinds == ["member.switched_off", "member.switched_on"]


def test_nobody_switches_himself_off(browser_of: Browsers, team: Team) -> None:
    answer = browser_of("alpha", "owner").post(f"/api/v1/members/{id_of(team['owner'])}/switch-off")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_oneself")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"roles": []}, "unknown_role"),
        ({"roles": ["rep", "king"]}, "unknown_role"),
        ({"department_id": 999_999}, "unknown_department"),
        ({"manager_id": 999_999}, "unknown_manager"),
    ],
)
def test_faulty_change_is_refused_whole(team: Team, changes: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.update_member(
            actor=team["owner"],
            member_id=id_of(team["rep"]),
            changes=cast(MemberChanges, {"title": "kept?", **changes}),
        )
    assert refused.value.code == code
    assert member_of(team["rep"]).title == ""


def test_nobody_is_below_himself(team: Team) -> None:
    for manager in ("manager", "rep"):
        with pytest.raises(Invalid) as refused:
            services.update_member(
                actor=team["owner"], member_id=id_of(team["manager"]), changes={"manager_id": id_of(team[manager])}
            )
        assert refused.value.code == "circle_of_managers"


def test_stale_version_is_refused_by_the_service(team: Team) -> None:
    with pytest.raises(VersionConflict):
        services.update_member(actor=team["owner"], member_id=id_of(team["rep"]), changes={"title": "x"}, version=99)


def test_seats_of_the_plan_are_kept(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.common.errors import Problem

    monkeypatch.setattr("tenants.members.services.members.seats", lambda: 6)
    with pytest.raises(Problem) as refused:
        services.add_member(actor=team["owner"], email="seven@example.com", name="Seven", roles=["rep"])
    assert (refused.value.code, refused.value.status) == ("no_seat_left", 402)
    services.switch_member_off(actor=team["owner"], member_id=id_of(team["agent"]))
    services.add_member(actor=team["owner"], email="seven@example.com", name="Seven", roles=["rep"])
    with pytest.raises(Problem):
        services.switch_member_on(actor=team["owner"], member_id=id_of(team["agent"]))


def test_helpers_for_the_apps_above(team: Team) -> None:
    ids = [id_of(team["rep"]), id_of(team["rep2"]), None]
    assert selectors.member_names(ids) == {id_of(team["rep"]): "Rep", id_of(team["rep2"]): "Rep Two"}
    assert selectors.department_of(team["rep"].member_id) == team["rep"].department_path
    assert selectors.department_of(None) == ""
    assert selectors.active_members_with_role("rep") == sorted([id_of(team["rep"]), id_of(team["rep2"])])
    assert selectors.active_members_with_permission("api_key.manage") == sorted(
        [id_of(team["owner"]), id_of(team["admin"])]
    )
    assert selectors.require_active_member(id_of(team["rep"])).name == "Rep"
    with pytest.raises(Invalid):
        selectors.require_active_member(999_999)
    assert selectors.is_on_duty(id_of(team["rep"]))
    services.update_profile(actor=team["rep"], changes={"settings": {"away": True}})
    assert not selectors.is_on_duty(id_of(team["rep"]))


@pytest.mark.parametrize("part", ["manager", "rep", "agent"])
def test_only_administrators_open_everybodys_files(team: Team, part: str) -> None:
    assert not allows(team[part], "file.read_all")
    assert allows(team["admin"], "file.read_all")
