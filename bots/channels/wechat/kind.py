"""What a WeChat channel keeps, how far connecting it is, and how it is checked at Tencent."""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from bots.channels.models import AccessToken, Channel
from bots.channels.services.health import note_fault, note_recovery, switch_capability
from bots.channels.types import CleanSettings, Step, StepState
from bots.channels.wechat.client import OfficialAccount, account_of
from bots.channels.wechat.faults import WeChatFault
from bots.channels.wechat.selectors import credentials_of
from bots.channels.wechat.types import (
    AES_KEY,
    APP_ID,
    KIND,
    ORIGINAL_ID,
    ROUTE_KIND,
    TOKEN,
    AccountType,
    Capability,
    Encryption,
)
from guanxi.common.errors import Invalid

SECRET = re.compile(r"^[0-9a-zA-Z]{16,64}\Z")
LETTERS = string.ascii_letters + string.digits
NO_MENU = 46003
NOT_ALLOWED = 48001


class WeChatKind:
    """The kind of channel that is an Official Account."""

    kind = KIND
    route_kind = ROUTE_KIND
    secret_names: tuple[str, ...] = ("app_secret", "token", "aes_key")
    setting_names = frozenset({"app_id", *secret_names, "original_id", "encryption", "account_type"})

    def clean(self, values: Mapping[str, Any], channel: Channel | None) -> CleanSettings:
        """Return what is kept; token and key are made here when the owner brings none, to be copied to Tencent."""
        before: Mapping[str, Any] = channel.settings if channel is not None else {}
        app_id = channel.key if channel is not None else _field(values, "app_id", APP_ID, "an AppID begins with wx")
        given = {name: str(values[name]).strip() for name in self.secret_names if values.get(name)}
        if channel is None:
            given = {"token": secrets.token_hex(8), "aes_key": _new_aes_key(), **given}
        _check(given, "token", TOKEN, "a token has 3 to 32 letters and digits")
        _check(given, "aes_key", AES_KEY, "an EncodingAESKey has 43 letters and digits")
        _check(given, "app_secret", SECRET, "an AppSecret has 32 letters and digits")
        if channel is None and "app_secret" not in given:
            raise _invalid("app_secret", "missing", "the AppSecret is needed")
        if channel is not None and "app_secret" in given:
            AccessToken.objects.filter(channel=channel).delete()
        original_id = str(values.get("original_id", before.get("original_id", "")) or "").strip()
        if original_id and not ORIGINAL_ID.match(original_id):
            raise _invalid("original_id", "invalid", "an original id begins with gh_")
        kept = {
            "original_id": original_id,
            "encryption": _choice(values, before, "encryption", Encryption, Encryption.ENCRYPTED),
            "account_type": _choice(values, before, "account_type", AccountType, AccountType.UNKNOWN),
        }
        return CleanSettings(key=app_id, settings=kept, secrets=given)

    def steps(self, channel: Channel) -> list[Step]:
        """Return how far connecting is, from what is known."""
        known = channel.access_token if AccessToken.objects.filter(channel=channel).exists() else None
        credentials = StepState.DONE if known is not None and known.value else StepState.WAITING
        fault = channel.fault if channel.fault in {"credentials", "address_not_allowed", "network"} else ""
        return [
            Step("credentials", StepState.FAILED if fault else credentials, fault),
            Step("callback", StepState.DONE if channel.verified_at else StepState.WAITING),
            Step("first_message", StepState.DONE if channel.last_inbound_at else StepState.WAITING),
            _abilities_step(channel),
        ]

    def check(self, channel: Channel) -> list[Step]:
        """Get a token, ask for each ability, keep the answers, and return the steps."""
        account = account_of(channel)
        try:
            # A stored token says nothing about a secret that was reset since; a fresh one does.
            account.tokens.forget()
            account.tokens.current()
            self._learn_abilities(account, channel)
        except WeChatFault as fault:
            note_fault(channel_id=channel.pk, code=fault.code)
            channel.refresh_from_db()
            failed = Step("credentials", StepState.FAILED, fault.code, {"errcode": fault.errcode, "hint": fault.hint})
            return [failed, *self.steps(channel)[1:]]
        note_recovery(channel_id=channel.pk)
        channel.refresh_from_db()
        return self.steps(channel)

    def connection(self, channel: Channel) -> dict[str, str]:
        """Return what the owner copies to Tencent's page."""
        kept = credentials_of(channel)
        return {
            "url": f"{settings.GUANXI_BASE_URL}/wechat/{channel.key}",
            "token": kept.token,
            "aes_key": kept.aes_key,
            "encryption": kept.encryption.value,
        }

    def _learn_abilities(self, account: OfficialAccount, channel: Channel) -> None:
        probes = {
            Capability.MENU: ("get", "menu/get", None),
            Capability.USERS: ("get", "user/get", None),
            Capability.TEMPLATES: ("get", "template/get_all_private_template", None),
            # An openid that cannot be, a code without a scene: who may is refused for that, who may not already before.
            Capability.CUSTOMER_SERVICE: (
                "post",
                "message/custom/send",
                {"touser": "o", "msgtype": "text", "text": {"content": "-"}},
            ),
            Capability.QR: ("post", "qrcode/create", {"action_name": "QR_STR_SCENE"}),
        }
        for capability, (method, endpoint, body) in probes.items():
            allowed = _allowed(account, method, endpoint, body)
            switch_capability(channel_id=channel.pk, name=capability, allowed=allowed)
            if capability is Capability.CUSTOMER_SERVICE:
                switch_capability(channel_id=channel.pk, name=Capability.MEDIA, allowed=allowed)


def _allowed(account: OfficialAccount, method: str, endpoint: str, body: dict[str, Any] | None) -> bool:
    try:
        account.get(endpoint) if method == "get" else account.post(endpoint, data=body)
    except WeChatFault as fault:
        if fault.errcode is None or fault.retry_after is not None:
            raise
        return fault.errcode != NOT_ALLOWED
    return True


def _abilities_step(channel: Channel) -> Step:
    if not channel.capabilities:
        return Step("abilities", StepState.WAITING)
    missing = sorted(name for name, allowed in channel.capabilities.items() if not allowed)
    code = "passive_only" if Capability.CUSTOMER_SERVICE in missing else "limited" if missing else ""
    return Step("abilities", StepState.DONE, code, {"missing": missing})


def _field(values: Mapping[str, Any], name: str, pattern: re.Pattern[str], hint: str) -> str:
    value = str(values.get(name) or "").strip()
    if not value:
        raise _invalid(name, "missing", hint)
    if not pattern.match(value):
        raise _invalid(name, "invalid", hint)
    return value


def _check(given: Mapping[str, str], name: str, pattern: re.Pattern[str], hint: str) -> None:
    if name in given and not pattern.match(given[name]):
        raise _invalid(name, "invalid", hint)


def _choice(values: Mapping[str, Any], before: Mapping[str, Any], name: str, kind: Any, default: Any) -> str:
    value = values.get(name) or before.get(name) or default
    try:
        return str(kind(value).value)
    except ValueError:
        raise _invalid(name, "invalid", "not one of the choices") from None


def _invalid(name: str, code: str, hint: str) -> Invalid:
    return Invalid("channel_settings_invalid", f"{name}: {hint}. Nothing was saved.", fields={name: code})


def _new_aes_key() -> str:
    # The last letter carries two bits more than the key has; Tencent's own generator leaves them nought.
    return "".join(secrets.choice(LETTERS) for _ in range(42)) + secrets.choice("AEIMQUYcgkosw048")
