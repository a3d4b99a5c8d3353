"""Moves deals through the stages of their pipeline."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.deals import events
from crm.deals.models import Deal, Stage
from crm.deals.selectors import access_deal, access_pipeline
from crm.deals.services.deals import clean_values, records_above, stage_in, tell_deal
from crm.deals.services.rules import check_move, check_required, loss_of, stuck_moment, watch_stay
from crm.records.services import audience_of, change_record, clean_record, log_state_change
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import VersionConflict
from guanxi.events.services import record_event
from guanxi.notifications.services import notify

OUTCOMES = {
    Stage.Kind.WON: events.DEAL_WON,
    Stage.Kind.LOST: events.DEAL_LOST,
    Stage.Kind.OPEN: events.DEAL_REOPENED,
}


@transaction.atomic
def move_deal(
    *,
    actor: Actor,
    deal_id: int,
    stage_id: int,
    fields: Mapping[str, Any] | None = None,
    lost_reason: str = "",
    loss_reason_id: int | None = None,
    note: str = "",
    version: int | None = None,
) -> Deal:
    """Move a deal to another stage of its pipeline; `fields` brings what the stage asks for.

    Raises Invalid: "stage_fields_missing" naming the missing fields, "lost_reason_missing" for a lost stage without a
    reason, "move_not_allowed", "move_back_never" and "move_back_needs_reason" for moves that the stage before refuses.
    """
    require(actor, "deal.update")
    deal = access_deal(actor, deal_id, "deal.update", lock=True)
    stage = stage_in(access_pipeline(deal.pipeline_id), stage_id)
    if stage.pk == deal.stage_id:
        return access_deal(actor, deal_id)
    if version is not None and version != deal.version:
        raise VersionConflict(deal.version)
    before = Stage.objects.get(pk=deal.stage_id)
    check_move(before, stage, note)
    given = clean_record(actor, "deal", clean_values(actor, fields or {}, deal=deal), record=deal)
    check_required(deal, stage, given)
    since, told = deal.stage_entered_at, lost_reason
    changes = {**given, **_arrival(stage)}
    if stage.kind == Stage.Kind.LOST or loss_reason_id is not None:
        reason, told = loss_of(loss_reason_id, lost_reason)
        lost = {"lost_reason": told, "loss_reason_id": reason.pk if reason else None, "lost_note": note.strip()}
        changes |= lost if stage.kind == Stage.Kind.LOST else {}
    change_record(actor, deal, "deal", changes, version=version, action="move")
    watch_stay(deal)
    why = " · ".join(text for text in (told.strip(), note.strip()) if text)
    log_state_change(
        actor, deal, "deal", before=str(before.pk), after=str(stage.pk), since=since, field="stage", note=why
    )
    _tell_move(actor, deal, before, stage, why)
    return access_deal(actor, deal_id)


def _arrival(stage: Stage) -> dict[str, Any]:
    now = clock.now()
    return {
        "stage_id": stage.pk,
        "stage_entered_at": now,
        "stuck_at": stuck_moment(stage, now),
        "closed_at": now if stage.kind != Stage.Kind.OPEN else None,
        "lost_reason": "",
        "loss_reason_id": None,
        "lost_note": "",
    }


def _tell_move(actor: Actor, deal: Deal, before: Stage, stage: Stage, why: str) -> None:
    data = {
        "name": deal.name,
        "from": before.name,
        "to": stage.name,
        "from_kind": before.kind,
        "to_kind": stage.kind,
        "reason": why,
    }
    log_system(
        actor=actor, event=events.DEAL_STAGE_CHANGED, record=("deal", deal.pk), data=data, also_on=records_above(deal)
    )
    tell_deal(actor, deal, events.DEAL_STAGE_CHANGED, **{"from": before.pk, "to": stage.pk})
    if stage.kind != before.kind:
        tell_deal(actor, deal, OUTCOMES[Stage.Kind(stage.kind)])


@transaction.atomic
def note_stuck(*, deal_id: int) -> None:
    """Tell the owner, once for each stay, that a deal has been in its stage longer than allowed."""
    deal = Deal.objects.select_for_update().filter(pk=deal_id, archived_at__isnull=True).first()
    if deal is None or deal.stuck_at is None:
        return
    if deal.stuck_at > clock.now():
        watch_stay(deal)
        return
    stage = Stage.objects.get(pk=deal.stage_id)
    notify(
        member_ids=[deal.owner_id] if deal.owner_id else [],
        kind="deal_stuck",
        params={"title": deal.name, "stage": stage.name, "days": stage.max_days},
        record=("deal", deal.pk),
        dedupe_key=f"deal_stuck:{deal.pk}:{stage.pk}:{deal.stage_entered_at.isoformat()}",
    )
    record_event(
        events.DEAL_STUCK,
        actor=Actor.system("a stay in a stage was too long"),
        aggregate=("deal", deal.pk),
        data={"stage_id": stage.pk},
        audience=audience_of(deal, "deal.read"),
    )
