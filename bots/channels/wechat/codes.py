"""Makes codes with a scene, sends test messages, and keeps the menu."""

from datetime import timedelta

from django.db import transaction

from bots.channels.models import Channel, QrCode
from bots.channels.selectors import access_channel
from bots.channels.services import note_fault, switch_capability
from bots.channels.wechat.client import account_of
from bots.channels.wechat.faults import Means, WeChatFault
from bots.channels.wechat.selectors import may
from bots.channels.wechat.types import KIND, MAX_TEXT_BYTES, OPENID, Capability
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, Problem
from guanxi.common.ids import new_token

MAX_LABEL = 60
MAX_DAYS = 30


def create_qr_code(
    *, actor: Actor, channel_id: int, label: str, permanent: bool = False, days: int = MAX_DAYS
) -> QrCode:
    """Make a code by which whoever scans it is known to come from there.

    Raises Invalid, and Conflict where Tencent refuses.
    """
    require(actor, "channel.manage")
    channel = wechat_channel(actor, channel_id)
    label = " ".join(label.split())
    if not label or len(label) > MAX_LABEL:
        raise Invalid("label_invalid", f"A label has 1 to {MAX_LABEL} characters.", fields={"label": "invalid"})
    if not permanent and not 1 <= days <= MAX_DAYS:
        raise Invalid("days_invalid", f"A temporary code lives 1 to {MAX_DAYS} days.", fields={"days": "invalid"})
    if not may(channel, Capability.QR):
        raise Conflict("not_allowed", "This account may not make codes with a scene.")
    scene = new_token("gx", 9)
    body = {
        "action_name": "QR_LIMIT_STR_SCENE" if permanent else "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": scene}},
        **({} if permanent else {"expire_seconds": days * 86400}),
    }
    try:
        made = account_of(channel).qrcode.create(body)
    except WeChatFault as fault:
        raise tencent_refused(channel, fault, Capability.QR) from fault
    with transaction.atomic():
        code = QrCode.objects.create(
            channel=channel, scene=scene, label=label, permanent=permanent, ticket=str(made["ticket"]),
            url=str(made["url"]),
            expires_at=None if permanent else clock.now() + timedelta(seconds=int(made["expire_seconds"])),
            created_by=actor.member_id, created_at=clock.now(),
        )  # fmt: skip
        record_audit(actor=actor, action="create", kind="qr_code", record_id=code.pk)
    return code


def send_test_message(*, actor: Actor, channel_id: int, text: str, openid: str = "") -> str:
    """Send a text to whoever wrote last, or to an openid; return to whom. It counts in the person's window."""
    require(actor, "channel.manage")
    channel = wechat_channel(actor, channel_id)
    to = openid.strip() or channel.last_sender
    if not to:
        raise Conflict("nobody_wrote", "Nobody has written yet: send the account a message first, then try again.")
    if not OPENID.match(to):
        raise Invalid("openid_invalid", "That is not an openid.", fields={"openid": "invalid"})
    text = text.strip()
    if not text or len(text.encode()) > MAX_TEXT_BYTES:
        raise Invalid("text_invalid", "A text has 1 to 2048 bytes.", fields={"text": "invalid"})
    try:
        account_of(channel).send({"touser": to, "msgtype": "text", "text": {"content": text}})
    except WeChatFault as fault:
        raise tencent_refused(channel, fault, Capability.CUSTOMER_SERVICE) from fault
    return to


def tencent_refused(channel: Channel, fault: WeChatFault, capability: Capability) -> Problem:
    """Note what a refusal means for the channel, and return it for the caller."""
    if fault.meaning.means is Means.ABILITY:
        switch_capability(channel_id=channel.pk, name=capability, allowed=False)
    if fault.meaning.means in {Means.TOKEN, Means.CHANNEL}:
        note_fault(channel_id=channel.pk, code=fault.code)
    detail = "WeChat did not take it."
    return Conflict(f"wechat_{fault.code}", detail, params={"errcode": fault.errcode, "hint": fault.hint})


def wechat_channel(actor: Actor, channel_id: int, permission: str = "channel.manage") -> Channel:
    """Return a channel that is an Official Account; raise NotFound, or Conflict for another kind."""
    channel = access_channel(actor, channel_id, permission)
    if channel.kind != KIND:
        raise Conflict("not_wechat", "Only WeChat channels can do this.")
    return channel
