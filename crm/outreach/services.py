"""Keeps the windows and quotas of every channel, and writes the touch ledger."""

from django.db import transaction

from crm.outreach.models import SendWindow, Touch
from crm.outreach.selectors import register_sender, sender_of
from crm.outreach.types import SendRefused
from guanxi.common import clock

__all__ = ["close_window", "open_window", "record_touch", "register_sender", "take_send"]


@transaction.atomic
def open_window(*, channel_id: int, channel_kind: str, identity_id: int, opened_by: str) -> None:
    """Note that the person did something (`message`, `menu_click`, `subscribe`, `scan`): the channel takes messages
    again.

    A short window never ends a longer one that still has something left.
    """
    rule = sender_of(channel_kind).windows.get(opened_by)
    if rule is None:
        return
    now = clock.now()
    window, _ = SendWindow.objects.select_for_update().get_or_create(channel_id=channel_id, identity_id=identity_id)
    still_open = window.until is not None and window.until > now and not window.closed_reason
    if still_open and window.until is not None and window.until > now + rule.lasts and window.remaining > 0:
        return
    window.opened_by, window.until, window.closed_reason = opened_by, now + rule.lasts, ""
    window.remaining, window.bot_remaining, window.updated_at = rule.count, rule.bot_count, now
    window.save()


@transaction.atomic
def take_send(*, channel_id: int, channel_kind: str, identity_id: int, by_bot: bool) -> None:
    """Take one send from the window, under its lock. Raises SendRefused when it is closed or used up."""
    if not sender_of(channel_kind).windows:
        return
    window = SendWindow.objects.select_for_update().filter(channel_id=channel_id, identity_id=identity_id).first()
    if window is None or window.until is None or window.until <= clock.now() or window.closed_reason:
        raise SendRefused(
            "window_closed", "The customer must write first: the channel takes no message now. Your text was kept."
        )
    left = min(window.bot_remaining, window.remaining) if by_bot else window.remaining
    if left <= 0:
        raise SendRefused(
            "quota_used_up",
            "All messages of this window are used; wait until the customer writes. Your text was kept.",
            window.until,
        )
    window.remaining -= 1
    window.bot_remaining -= 1 if by_bot else 0
    window.updated_at = clock.now()
    window.save()


@transaction.atomic
def close_window(*, channel_id: int, identity_id: int, reason: str) -> None:
    """Believe the channel when it says that the window is closed or used up."""
    SendWindow.objects.filter(channel_id=channel_id, identity_id=identity_id).update(
        closed_reason=reason, remaining=0, bot_remaining=0, updated_at=clock.now()
    )


def record_touch(
    *, channel_id: int, identity_id: int, message_id: int | None, purpose: str, outcome: str, reason: str = ""
) -> None:
    """Write one line of the touch ledger."""
    Touch.objects.create(
        channel_id=channel_id,
        identity_id=identity_id,
        message_id=message_id,
        purpose=purpose,
        outcome=outcome,
        reason=reason,
        at=clock.now(),
    )
