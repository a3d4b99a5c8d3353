"""Find my workspace: a mail, and an answer that tells nothing."""

from typing import Any

import pytest

from guanxi.access import Actor
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tenants.members import services
from tests.tenants.forms import base_client, post

FIND = "/api/base/v1/find-workspace"


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect what goes to the mail port."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "tenants.workspaces.services.finding.send_mail",
        lambda template, *, to, locale, context: sent.append(
            {"template": template, "to": to, "locale": locale, **context}
        ),
    )
    return sent


def test_mail_lists_every_workspace_of_the_address(
    alpha: TenantRef, beta: TenantRef, mails: list[dict[str, Any]]
) -> None:
    for ref in (alpha, beta):
        with tenant_scope(ref):
            services.add_member(actor=Actor.system("test"), email="both@example.com", name="Both", roles=["rep"])
    answer = post(base_client(), FIND, {"email": " Both@Example.com", "locale": "en"})
    assert (answer.status_code, answer.json()) == (202, {"sent": True})
    kept = Due.objects.get(kind="workspaces.find_by_email")
    assert "example.com" not in str(kept.payload)
    run_due()
    (mail,) = mails
    assert (mail["to"], mail["locale"]) == ("both@example.com", "en")
    assert [workspace["name"] for workspace in mail["workspaces"]] == ["Alpha", "Beta"]


def test_unknown_address_gets_the_same_answer_and_no_mail(alpha: TenantRef, mails: list[dict[str, Any]]) -> None:
    answer = post(base_client(), FIND, {"email": "nobody@example.com"})
    assert (answer.status_code, answer.json()) == (202, {"sent": True})
    run_due()
    assert mails == []
    assert not Due.objects.filter(kind="workspaces.find_by_email").exists()


def test_who_has_left_is_not_found_any_more(alpha: TenantRef, mails: list[dict[str, Any]]) -> None:
    system = Actor.system("test")
    member = services.add_member(actor=system, email="gone@example.com", name="Gone", roles=["rep"])
    services.switch_member_off(actor=system, member_id=member.pk)
    post(base_client(), FIND, {"email": "gone@example.com"})
    run_due()
    assert mails == []


def test_it_is_throttled_by_address(alpha: TenantRef) -> None:
    codes = [post(base_client(), FIND, {"email": "nobody@example.com"}).status_code for _ in range(11)]
    assert codes == [202] * 10 + [429]
    elsewhere = post(base_client(), FIND, {"email": "nobody@example.com"}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 202


def test_sign_up_is_throttled_by_address(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants.workspaces import base_api
    from tests.tenants.forms import SIGNUPS, body_for

    monkeypatch.setattr(base_api.sign_up_throttle, "num_requests", 2)
    answers = [post(base_client(), SIGNUPS, body_for("longjing", password="short")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) > 0
