"""What a stage asks for, which moves it allows, and when a deal has been in it for too long."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crm.deals.models import Deal, LossReason, Pipeline, Stage
from crm.records.fields import fields_of
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.timers.services import cancel_timer, set_timer

STUCK = "deal.stuck"
PARTS = {"lines": "lines", "contacts": "contact_links", "competitors": "competitor_links"}
REQUIRABLE = frozenset(
    {"amount", "expected_close_on", "contact_id", "customer_id", "description", "source", "next_action_at", *PARTS}
)


def check_requirable(names: list[str]) -> None:
    """Raise Invalid when a stage cannot ask for one of these: it asks for fields, parts and custom fields of deals."""
    custom = {name for name, field in fields_of("deal").items() if field.is_custom}
    if unknown := sorted(set(names) - REQUIRABLE - custom):
        raise Invalid(
            "unknown_required_field",
            "A stage cannot ask for this.",
            fields={"required_fields": "unknown"},
            params={"names": unknown},
        )


def check_move(before: Stage, after: Stage, note: str) -> None:
    """Raise Invalid when a deal may not go from one stage to another; losing is always allowed."""
    words = {"from": before.name, "to": after.name}
    if (after.position, after.pk) < (before.position, before.pk):
        if before.back_policy == Stage.BackPolicy.NEVER:
            raise Invalid(
                "move_back_never", "From this stage a deal does not go back. Nothing was changed.", params=words
            )
        if before.back_policy == Stage.BackPolicy.REASON and not note.strip():
            raise Invalid(
                "move_back_needs_reason",
                "Going back needs a reason. Nothing was changed.",
                fields={"note": "missing"},
                params=words,
            )
        return
    if before.next_stages is not None and after.pk not in before.next_stages and after.kind != Stage.Kind.LOST:
        raise Invalid("move_not_allowed", "This stage may not follow. Nothing was changed.", params=words)


def check_required(deal: Deal, stage: Stage, given: Mapping[str, Any]) -> None:
    """Raise Invalid("stage_fields_missing") that names what the stage asks for and the deal does not have."""
    missing = [name for name in stage.required_fields if not _has(deal, name, given)]
    if missing:
        raise Invalid(
            "stage_fields_missing",
            "This stage asks for more. Nothing was changed.",
            fields=dict.fromkeys(missing, "missing"),
            params={"stage": stage.name},
        )


def _has(deal: Deal, name: str, given: Mapping[str, Any]) -> bool:
    if name in PARTS:
        return bool(getattr(deal, PARTS[name]).exists())
    if name.startswith("custom."):
        values = {**deal.custom, **(given.get("custom") or {})}
        return values.get(name.removeprefix("custom.")) not in (None, "", [])
    return bool(given.get(name, getattr(deal, name, None)))


def loss_of(reason_id: int | None, told: str) -> tuple[LossReason | None, str]:
    """Return the reason from the tenant's list, and its words; raise Invalid when there is neither."""
    if reason_id is not None:
        reason = LossReason.objects.filter(pk=reason_id, archived_at__isnull=True).first()
        if reason is None:
            raise NotFound("loss_reason", reason_id)
        return reason, reason.name
    if not told.strip():
        raise Invalid(
            "lost_reason_missing",
            "A lost deal needs its reason. Nothing was changed.",
            fields={"lost_reason": "missing"},
        )
    return LossReason.objects.filter(name=told.strip(), archived_at__isnull=True).first(), told.strip()


def stuck_moment(stage: Stage, entered_at: datetime) -> datetime | None:
    """Return when a deal that entered a stage then will have been there longer than allowed."""
    if stage.kind != Stage.Kind.OPEN or stage.max_days is None:
        return None
    return entered_at + timedelta(days=stage.max_days)


def watch_stay(deal: Deal) -> None:
    """Set the timer that tells the owner when a deal gets stuck, or take it back."""
    if deal.stuck_at is not None and deal.archived_at is None:
        set_timer(STUCK, deal.pk, max(deal.stuck_at, clock.now()))
    else:
        cancel_timer(STUCK, deal.pk)


R = TypeVar("R", Pipeline, Stage, LossReason)


def in_order(kind: str, rows: Sequence[R], ids: list[int]) -> list[R]:
    """Return rows with these first, in the order of their ids, and the others after them as they were; each gets its
    position. Raise NotFound for an id that is not among them.
    """
    known: dict[int, R] = {row.pk: row for row in rows}
    if unknown := [pk for pk in ids if pk not in known]:
        raise NotFound(kind, unknown[0])
    wanted = [known[pk] for pk in dict.fromkeys([*ids, *known])]
    for position, row in enumerate(wanted):
        row.position = position
    return wanted
