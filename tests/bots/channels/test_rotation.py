"""After a rotation the old key may go: everything that the product seals opens with the new one alone."""

import base64
from io import StringIO

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings

from bots.channels.models import AccessToken, Channel
from bots.channels.selectors import channel_secret
from bots.channels.services import create_channel
from bots.channels.wechat.tokens import FIELD
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.notifications import send_mail
from guanxi.notifications.mails import MAIL, SEALED_FIELD, deliver
from guanxi.secrets import SecretError, is_current, seal, unseal
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.timers.models import Due
from tenants.accounts.models import User
from tenants.workspaces.services.finding import WAITING, ask_for_workspaces

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
SECRET = "0123456789abcdef0123456789abcdef"
TOTP = "JBSWY3DPEHPK3PXP"


def _connect(actor: Actor, app_id: str) -> Channel:
    values = {"app_id": app_id, "app_secret": SECRET, "token": "a-token-of-ours"}
    channel = create_channel(actor=actor, kind="wechat", name="龙井茶庄", values=values)
    sealed = seal("access", field=FIELD, row=str(channel.pk))
    AccessToken.objects.create(channel=channel, value=sealed, expires_at=clock.in_future(hours=1))
    return channel


@pytest.fixture
def turned(alpha: TenantRef, beta: TenantRef, owner: Actor, settings: Settings) -> Channel:
    """Seal one of everything in alpha and a channel in beta under the old key, turn the ring over, and rotate."""
    Due.objects.all().delete()
    settings.GUANXI_SECRET_KEYS = f"old:{OLD}"
    channel = _connect(owner, "wx0123456789abcdef")
    with tenant_scope(beta):
        _connect(Actor.system("a test"), "wxfedcba9876543210")
    user = User.objects.order_by("pk").first()
    Authenticator.objects.create(user=user, type="totp", data={"secret": get_adapter().encrypt(TOTP)})
    send_mail(
        "accounts/reset_password", to="a@example.com", locale="en", not_before=clock.in_future(hours=1),
        context={"url": "https://a.example.com/r"},
    )  # fmt: skip
    ask_for_workspaces(email="b@example.com", locale="en")
    settings.GUANXI_SECRET_KEYS = f"new:{NEW},old:{OLD}"
    return channel


def test_without_the_rotation_the_old_key_is_missed(turned: Channel, settings: Settings) -> None:
    settings.GUANXI_SECRET_KEYS = f"new:{NEW}"
    with pytest.raises(SecretError):
        channel_secret(turned, "app_secret")


def test_everything_opens_with_the_new_key_alone(
    turned: Channel, alpha: TenantRef, beta: TenantRef, settings: Settings
) -> None:
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert f"{alpha.schema}: channels.secrets: 1" in out.getvalue(), out.getvalue()
    settings.GUANXI_SECRET_KEYS = f"new:{NEW}"
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            channel = Channel.objects.get(kind="wechat")
            assert channel_secret(channel, "app_secret") == SECRET
            assert channel_secret(channel, "token") == "a-token-of-ours"
            assert all(is_current(token) for token in channel.secrets.values())
            token = AccessToken.objects.get()
            assert unseal(token.value, field=FIELD, row=str(channel.pk)) == "access"
    factor = Authenticator.objects.get(type="totp")
    assert get_adapter().decrypt(factor.data["secret"]) == TOTP
    waiting = Due.objects.get(kind=MAIL)
    assert "a@example.com" in unseal(waiting.payload["sealed"], field=SEALED_FIELD, row="")
    assert is_current(Due.objects.get(kind=WAITING).payload["email"])
    again = StringIO()
    call_command("rotate_secrets", stdout=again)
    assert ": 1" not in again.getvalue()


def test_a_mail_that_waited_through_the_rotation_is_sent(turned: Channel, settings: Settings) -> None:
    call_command("rotate_secrets", stdout=StringIO())
    settings.GUANXI_SECRET_KEYS = f"new:{NEW}"
    assert deliver(Due.objects.get(kind=MAIL).ref_id)
    assert [letter.to for letter in mail.outbox] == [["a@example.com"]]
