"""Signing a company up over HTTP: from the form to a member who is signed in."""

import uuid
from typing import Any

import pytest

from guanxi.tenancy import tenant_scope
from tenants.members.models import Department, Member, Role
from tenants.workspaces.models import HandOver, SignUp, SpareSchema, Workspace
from tenants.workspaces.provisioning.spares import refill_spares
from tenants.workspaces.services import finish_sign_up
from tests.tenants.forms import SIGNUPS, base_client, body_for, follow, form_for, host_client, post

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def spares(database: None) -> None:
    """Have two spare schemas."""
    refill_spares(wanted=2)


@pytest.mark.usefixtures("spares")
def test_form_to_signed_in_owner() -> None:
    answer = post(base_client(), SIGNUPS, body_for("longjing"))
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert shown["state"] == "ready"
    browser, arrived = follow(shown["hand_over_url"])
    assert (arrived.status_code, arrived.headers["Location"]) == (302, "/")
    session = browser.get("/api/v1/session").json()
    assert session["signed_in"] is True
    assert session["member"]["email"] == "lin@longjing.example.com"
    assert session["member"]["roles"] == ["owner"]
    assert session["workspace"]["name"] == "Longjing 茶业"
    assert session["workspace"]["state"] == "trialing"
    assert "role.manage" in session["permissions"]


@pytest.mark.usefixtures("spares")
def test_workspace_has_roles_a_root_department_and_its_owner_at_the_head() -> None:
    post(base_client(), SIGNUPS, body_for("longjing"))
    workspace = Workspace.objects.get(slug="longjing")
    with tenant_scope(workspace.ref):
        assert set(Role.objects.values_list("code", flat=True)) == {"owner", "admin", "manager", "rep", "agent"}
        root, owner = Department.objects.get(), Member.objects.get()
        assert root.path == f"/{root.pk}/"
        assert (root.head_id, owner.department_id) == (owner.pk, root.pk)
    assert [(t.from_state, t.to_state) for t in workspace.transitions.all()] == [("provisioning", "trialing")]
    assert workspace.terms_accepted_at is not None


@pytest.mark.usefixtures("spares")
def test_the_same_key_twice_is_one_sign_up_with_a_fresh_way_in() -> None:
    body = body_for("longjing")
    first, second = post(base_client(), SIGNUPS, body), post(base_client(), SIGNUPS, body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["hand_over_url"] != second.json()["hand_over_url"]
    assert Workspace.objects.filter(slug="longjing").count() == 1
    assert SpareSchema.objects.count() == 1
    _, arrived = follow(second.json()["hand_over_url"])
    assert arrived.headers["Location"] == "/"


@pytest.mark.usefixtures("spares")
def test_the_same_key_with_another_form_is_refused() -> None:
    body = body_for("longjing")
    post(base_client(), SIGNUPS, body)
    answer = post(base_client(), SIGNUPS, {**body, "slug": "biluochun"})
    assert (answer.status_code, answer.json()["code"]) == (422, "sign_up_key_reused")


@pytest.mark.usefixtures("spares")
def test_taken_subdomain_is_a_conflict_with_a_suggestion_and_makes_nothing() -> None:
    answer = post(base_client(), SIGNUPS, body_for("alpha"))
    assert (answer.status_code, answer.json()["code"]) == (409, "subdomain_taken")
    suggestion = answer.json()["params"]["suggestion"]
    assert suggestion == "alpha-2"
    assert base_client().get(f"/api/base/v1/subdomains/{suggestion}").json()["available"] is True
    assert SpareSchema.objects.count() == 2
    assert not SignUp.objects.filter(slug="alpha").exclude(workspace__slug="alpha").exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"password": "short"}, "password", "password_too_short"),
        ({"password": "password123"}, "password", "password_too_common"),
        ({"password": "8675309867"}, "password", "password_entirely_numeric"),
        ({"password": "lin@longjing.example.com"}, "password", "password_too_similar"),
        ({"email": "nobody"}, "email", "format"),
        ({"slug": "admin"}, "slug", "reserved"),
        ({"slug": "UPPER"}, "slug", "format"),
        ({"slug": "xn--fiqs8s"}, "slug", "format"),
        ({"company": "  "}, "company", "length"),
        ({"name": ""}, "name", "length"),
        ({"phone": "call me"}, "phone", "format"),
        ({"plan": "gold"}, "plan", "unknown"),
        ({"locale": "fr"}, "locale", "unknown"),
        ({"accepts_terms": False}, "accepts_terms", "required"),
    ],
)
@pytest.mark.usefixtures("spares")
def test_each_fault_of_the_form_has_its_code_and_makes_nothing(changes: dict[str, Any], field: str, code: str) -> None:
    before = (SignUp.objects.count(), Workspace.objects.count(), SpareSchema.objects.count())
    answer = post(base_client(), SIGNUPS, body_for("longjing", **changes))
    assert answer.status_code == 422, answer.content
    assert answer.json()["fields"][field] == code
    assert (SignUp.objects.count(), Workspace.objects.count(), SpareSchema.objects.count()) == before


def test_empty_pool_prepares_and_a_worker_finishes() -> None:
    SpareSchema.objects.all().delete()
    body = body_for("longjing")
    answer = post(base_client(), SIGNUPS, body)
    assert (answer.status_code, answer.json()["state"]) == (202, "preparing")
    assert answer.json()["hand_over_url"] is None
    entry = SignUp.objects.get(key=body["key"])
    assert entry.form.startswith("v1.")
    assert "lin@" not in entry.form
    finish_sign_up(sign_up_id=entry.pk)
    shown = base_client().get(f"{SIGNUPS}/{body['key']}").json()
    assert shown["state"] == "ready"
    browser, _ = follow(shown["hand_over_url"])
    assert browser.get("/api/v1/session").json()["member"]["roles"] == ["owner"]
    entry.refresh_from_db()
    assert entry.form == ""


def test_finishing_twice_changes_nothing() -> None:
    SpareSchema.objects.all().delete()
    post(base_client(), SIGNUPS, body_for("longjing"))
    entry = SignUp.objects.get(slug="longjing")
    finish_sign_up(sign_up_id=entry.pk)
    finish_sign_up(sign_up_id=entry.pk)
    with tenant_scope(Workspace.objects.get(slug="longjing").ref):
        assert Member.objects.count() == 1


def test_preparing_workspace_answers_on_no_host_yet() -> None:
    SpareSchema.objects.all().delete()
    post(base_client(), SIGNUPS, body_for("longjing"))
    assert host_client("longjing").get("/api/v1/session").status_code == 404


@pytest.mark.usefixtures("spares")
def test_way_in_is_given_until_it_was_used() -> None:
    body = body_for("longjing")
    url = post(base_client(), SIGNUPS, body).json()["hand_over_url"]
    follow(url)
    assert base_client().get(f"{SIGNUPS}/{body['key']}").json()["hand_over_url"] is None


def test_unknown_key_is_not_found() -> None:
    assert base_client().get(f"{SIGNUPS}/{uuid.uuid4()}").status_code == 404


@pytest.mark.usefixtures("spares")
def test_hand_over_works_once_and_only_at_its_workspace() -> None:
    url = post(base_client(), SIGNUPS, body_for("longjing")).json()["hand_over_url"]
    _, elsewhere = follow(url.replace("longjing.", "alpha."))
    assert elsewhere.headers["Location"] == "/sign-in?reason=hand_over_ended"
    _, here = follow(url)
    assert here.headers["Location"] == "/"
    assert here.headers["Referrer-Policy"] == "no-referrer"
    again, late = follow(url)
    assert late.headers["Location"] == "/sign-in?reason=hand_over_ended"
    assert again.get("/api/v1/session").json()["signed_in"] is False


@pytest.mark.usefixtures("spares")
def test_hand_over_ends_after_two_minutes_and_is_kept_by_digest() -> None:
    url = post(base_client(), SIGNUPS, body_for("longjing")).json()["hand_over_url"]
    token = HandOver.objects.get(workspace__slug="longjing")
    assert token.token_digest not in url
    HandOver.objects.update(expires_at=token.expires_at.replace(year=2020))
    _, late = follow(url)
    assert late.headers["Location"] == "/sign-in?reason=hand_over_ended"


@pytest.mark.usefixtures("spares")
def test_sign_up_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    from tenants.workspaces.services import sign_up

    with django_assert_max_num_queries(70):
        sign_up(form=form_for("longjing"))


def test_site_names_plans_and_the_base_domain() -> None:
    site = base_client().get("/api/base/v1/site", headers={"accept-language": "en-GB"}).json()
    assert site["locale"] == "en"
    assert [plan["code"] for plan in site["plans"]] == ["trial"]
    assert "{slug}" in site["workspace_url_pattern"]


def test_base_api_is_not_on_a_workspace() -> None:
    assert host_client("alpha").get("/api/base/v1/site").status_code == 404
