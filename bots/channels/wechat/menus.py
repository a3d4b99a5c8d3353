"""The menu at the foot of an account's conversation."""

from collections.abc import Mapping, Sequence
from typing import Any

from bots.channels.wechat.client import account_of
from bots.channels.wechat.codes import tencent_refused, wechat_channel
from bots.channels.wechat.faults import WeChatFault
from bots.channels.wechat.types import Capability
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common.errors import Invalid

NO_MENU = 46003
TOP, BELOW = 3, 5
TOP_BYTES, BELOW_BYTES = 16, 60

Button = dict[str, Any]


def read_menu(*, actor: Actor, channel_id: int) -> list[Button]:
    """Return the buttons that the account has now."""
    channel = wechat_channel(actor, channel_id, "channel.read")
    try:
        answer = account_of(channel).menu.get()
    except WeChatFault as fault:
        if fault.errcode == NO_MENU:
            return []
        raise tencent_refused(channel, fault, Capability.MENU) from fault
    return [_ours(each) for each in answer.get("menu", {}).get("button", [])]


def publish_menu(*, actor: Actor, channel_id: int, buttons: Sequence[Mapping[str, Any]]) -> list[Button]:
    """Give the account these buttons; none takes the menu away. Raises Invalid with the place that is wrong."""
    require(actor, "channel.manage")
    channel = wechat_channel(actor, channel_id)
    if len(buttons) > TOP:
        raise _invalid("buttons", f"at most {TOP} buttons")
    theirs = [_theirs(each, f"buttons.{number}", TOP_BYTES) for number, each in enumerate(buttons)]
    menu = account_of(channel).menu
    try:
        menu.create({"button": theirs}) if theirs else menu.delete()
    except WeChatFault as fault:
        raise tencent_refused(channel, fault, Capability.MENU) from fault
    record_audit(actor=actor, action="publish_menu", kind="channel", record_id=channel.pk)
    return [_ours(each) for each in theirs]


def _theirs(button: Mapping[str, Any], place: str, longest: int) -> Button:
    name = " ".join(str(button.get("name", "")).split())
    if not name or len(name.encode()) > longest:
        raise _invalid(f"{place}.name", f"a name has 1 to {longest} bytes, a Chinese character counts for three")
    below = button.get("buttons") or []
    if below:
        if longest == BELOW_BYTES or len(below) > BELOW:
            raise _invalid(f"{place}.buttons", f"at most {BELOW} buttons below, and none below those")
        parts = [_theirs(each, f"{place}.buttons.{number}", BELOW_BYTES) for number, each in enumerate(below)]
        return {"name": name, "sub_button": parts}
    if button.get("type") == "view":
        url = str(button.get("url", ""))
        if not url.startswith(("https://", "http://")):
            raise _invalid(f"{place}.url", "an address begins with https://")
        return {"type": "view", "name": name, "url": url}
    key = str(button.get("key") or name)
    return {"type": "click", "name": name, "key": key}


def _ours(button: Mapping[str, Any]) -> Button:
    return {
        "name": button.get("name", ""),
        "type": button.get("type", ""),
        "key": button.get("key", ""),
        "url": button.get("url", ""),
        "buttons": [_ours(each) for each in button.get("sub_button") or []],
    }


def _invalid(place: str, hint: str) -> Invalid:
    return Invalid("menu_invalid", f"{place}: {hint}. Nothing was published.", fields={place: "invalid"})
