"""The mails themselves: rendered, sealed, sent, in two languages."""

import re
from typing import Any

import pytest
from django.core import mail
from django.template.loader import get_template

from guanxi.access import Actor
from guanxi.notifications.mails import render_mail
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tenants.members import services
from tenants.workspaces.models import Workspace
from tenants.workspaces.provisioning.spares import refill_spares
from tests.tenants.forms import SIGNUPS, base_client, body_for, host_client, post

EVERYTHING: dict[str, Any] = {
    "name": "林",
    "workspace": "Alpha & Söhne <b>",
    "workspace_url": "http://alpha.localhost/",
    "url": "http://alpha.localhost/join/abc",
    "inviter": "Owner",
    "ip": "203.0.113.9",
    "kind": "totp_activated",
    "workspaces": [{"name": "Alpha", "url": "http://alpha.localhost/"}],
}
TEMPLATES = (
    "accounts/verify_email",
    "accounts/reset_password",
    "accounts/security_notice",
    "members/invitation",
    "workspaces/found",
)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_mail_is_written_in_both_languages(template: str, locale: str) -> None:
    get_template(f"mail/{template}.{locale}.txt")
    subject, text, html = render_mail([template], locale=locale, context=EVERYTHING)
    assert subject
    assert "\n" not in subject
    assert bool(re.search(r"[一-鿿]", subject)) is (locale == "zh-CN")
    assert "http://alpha.localhost" in text
    assert "{{" not in text + html
    assert "{%" not in text + html
    assert "<b>" not in html


@pytest.mark.parametrize(
    "kind",
    [
        "password_changed",
        "password_reset",
        "totp_activated",
        "totp_deactivated",
        "recovery_codes_generated",
        "email_changed",
    ],
)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_each_notice_says_what_happened(kind: str, locale: str) -> None:
    _, told, _ = render_mail(["accounts/security_notice"], locale=locale, context={**EVERYTHING, "kind": kind})
    _, vague, _ = render_mail(["accounts/security_notice"], locale=locale, context={**EVERYTHING, "kind": "other"})
    assert told != vague


def _deliver_all() -> None:
    """Send what waits, as the relay and a worker would."""
    from guanxi.notifications.mails import MAIL, deliver

    for due in Due.objects.filter(kind=MAIL):
        tenant = Workspace.objects.filter(schema_name=due.tenant_schema).first()
        with tenant_scope(tenant.ref) if tenant else public_scope():
            deliver(due.ref_id)


def _mails_to(address: str) -> list[Any]:
    return [sent for sent in mail.outbox if sent.to == [address]]


def test_new_owner_gets_a_mail_that_leads_to_the_new_workspace(database: None) -> None:
    refill_spares(wanted=1)
    assert post(base_client(), SIGNUPS, body_for("longjing")).status_code == 201
    assert "lin@longjing" not in str(list(Due.objects.values_list("payload", flat=True)))
    _deliver_all()
    (sent,) = _mails_to("lin@longjing.example.com")
    found = re.search(r"http://longjing\.localhost(:\d+)?/verify-email/(\S+)", str(sent.body))
    assert found is not None
    answer = post(host_client("longjing"), "/_allauth/browser/v1/auth/email/verify", {"key": found.group(2)})
    assert answer.status_code in {200, 401}
    session = post(
        host_client("longjing"),
        "/_allauth/browser/v1/auth/login",
        {"email": "lin@longjing.example.com", "password": body_for("longjing")["password"]},
    )
    assert session.status_code == 200


def test_invitation_arrives_and_lets_in(owner: Actor, alpha: TenantRef) -> None:
    services.create_invitation(actor=owner, email="new@example.com", roles=["rep"], locale="en")
    _deliver_all()
    (sent,) = _mails_to("new@example.com")
    assert "Owner invites you to Alpha" in sent.subject
    found = re.search(r"/join/(\S+)", str(sent.body))
    assert found is not None
    assert services.open_invitation(found.group(1)).email == "new@example.com"


def test_found_workspaces_are_mailed(owner: Actor) -> None:
    services.add_member(actor=Actor.system("test"), email="where@example.com", name="W", roles=["rep"])
    post(base_client(), "/api/base/v1/find-workspace", {"email": "where@example.com", "locale": "en"})
    run_due()
    _deliver_all()
    found = [sent for sent in _mails_to("where@example.com") if sent.subject == "Your workspaces"]
    assert "http://alpha.localhost" in str(found[0].body)
