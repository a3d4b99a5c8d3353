"""Writes deals and pipelines."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system, show_on
from crm.customers.selectors import access_contact, access_customer
from crm.deals import events
from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.selectors import access_deal, access_pipeline, stages_of
from crm.records.search import search_keys
from crm.records.services import (
    archive_record,
    assign_record,
    audience_of,
    change_record,
    clean_record,
    log_state_change,
    restore_record,
    save_new,
    stamp_new,
)
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.events.services import record_event
from tenants.members.selectors import require_active_member

FIELDS = [
    "name",
    "amount",
    "currency",
    "expected_close_on",
    "description",
    "source",
    "tags",
    "custom",
    "next_action_at",
    "customer_id",
    "contact_id",
    "lost_reason",
]
NULLABLE = {"expected_close_on", "next_action_at", "customer_id", "contact_id"}


def _clean(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {key: value for key, value in values.items() if key in FIELDS and (value is not None or key in NULLABLE)}
    if "name" in cleaned and not cleaned["name"].strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    if cleaned.get("amount") is not None and cleaned.get("amount", 0) < 0:
        raise Invalid(
            "amount_negative", "An amount cannot be negative. Nothing was saved.", fields={"amount": "negative"}
        )
    if cleaned.get("customer_id"):
        access_customer(actor, cleaned["customer_id"])
    if cleaned.get("contact_id"):
        access_contact(actor, cleaned["contact_id"])
    return cleaned


def _keys(deal: Deal) -> list[str]:
    return search_keys(deal.name, deal.customer.name if deal.customer else "")


def _records_above(deal: Deal) -> list[tuple[str, int]]:
    return [("customer", deal.customer_id)] if deal.customer_id else []


def _tell(actor: Actor, deal: Deal, kind: str, **data: Any) -> None:
    record_event(kind, actor=actor, aggregate=("deal", deal.pk), data=data, audience=audience_of(deal, "deal.read"))


@transaction.atomic
def create_deal(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    pipeline_id: int | None = None,
    stage_id: int | None = None,
    owner_id: int | None = None,
) -> Deal:
    """Create a deal in the first open stage of its pipeline, or in a named stage."""
    require(actor, "deal.create")
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "deal.assign")
        require_active_member(owner_id)
    pipeline = access_pipeline(pipeline_id)
    cleaned = clean_record(actor, "deal", _clean(actor, values))
    deal = Deal(**cleaned, pipeline=pipeline, stage=_stage(pipeline, stage_id))
    if not deal.name.strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    stamp_new(actor, deal, owner_id=owner_id)
    deal.stage_entered_at = deal.created_at
    deal.search_keys = _keys(deal)
    save_new(actor, deal, "deal")
    log_state_change(actor, deal, "deal", before="", after=str(deal.stage_id), field="stage")
    log_system(
        actor=actor,
        event=events.DEAL_CREATED,
        record=("deal", deal.pk),
        data={"name": deal.name},
        also_on=_records_above(deal),
    )
    _tell(actor, deal, events.DEAL_CREATED, stage_id=deal.stage_id, customer_id=deal.customer_id)
    return deal


def _stage(pipeline: Pipeline, stage_id: int | None) -> Stage:
    stages = stages_of(pipeline)
    for stage in stages:
        if stage.pk == stage_id or (stage_id is None and stage.kind == Stage.Kind.OPEN):
            return stage
    raise NotFound("stage", stage_id or "first")


@transaction.atomic
def update_deal(*, actor: Actor, deal_id: int, changes: Mapping[str, Any], version: int | None = None) -> Deal:
    """Change fields of a deal; the stage has its own function."""
    require(actor, "deal.update")
    deal = access_deal(actor, deal_id, "deal.update", lock=True)
    cleaned = clean_record(actor, "deal", _clean(actor, changes), record=deal)
    customer_before = deal.customer_id
    changed = change_record(actor, deal, "deal", cleaned, version=version)
    if {"name", "customer_id"} & set(changed):
        deal.search_keys = _keys(Deal.objects.select_related("customer").get(pk=deal.pk))
        deal.save(update_fields=["search_keys"])
        if deal.customer_id and deal.customer_id != customer_before:
            show_on(record=("deal", deal.pk), also_on=("customer", deal.customer_id))
    if changed:
        _tell(actor, deal, events.DEAL_UPDATED, fields=sorted(changed))
    return access_deal(actor, deal_id)


@transaction.atomic
def move_deal(
    *,
    actor: Actor,
    deal_id: int,
    stage_id: int,
    fields: Mapping[str, Any] | None = None,
    lost_reason: str = "",
    version: int | None = None,
) -> Deal:
    """Move a deal to another stage of its pipeline; `fields` brings what the stage asks for.

    Raises Invalid("stage_fields_missing") naming the missing fields, and Invalid("lost_reason_missing") for a lost
    stage without a reason.
    """
    require(actor, "deal.update")
    deal = access_deal(actor, deal_id, "deal.update", lock=True)
    stage = _stage(access_pipeline(deal.pipeline_id), stage_id)
    if stage.pk == deal.stage_id:
        return access_deal(actor, deal_id)
    before = Stage.objects.get(pk=deal.stage_id)
    given = clean_record(actor, "deal", _clean(actor, fields or {}), record=deal)
    _check_required(deal, stage, given, lost_reason)
    now = clock.now()
    since = deal.stage_entered_at
    ended = stage.kind != Stage.Kind.OPEN
    changes = {
        **given,
        "stage_id": stage.pk,
        "stage_entered_at": now,
        "closed_at": now if ended else None,
        "lost_reason": lost_reason.strip() if stage.kind == Stage.Kind.LOST else "",
    }
    change_record(actor, deal, "deal", changes, version=version, action="move")
    log_state_change(
        actor, deal, "deal", before=str(before.pk), after=str(stage.pk), since=since, field="stage", note=lost_reason
    )
    data = {
        "name": deal.name,
        "from": before.name,
        "to": stage.name,
        "from_kind": before.kind,
        "to_kind": stage.kind,
        "reason": lost_reason,
    }
    log_system(
        actor=actor, event=events.DEAL_STAGE_CHANGED, record=("deal", deal.pk), data=data, also_on=_records_above(deal)
    )
    _tell(actor, deal, events.DEAL_STAGE_CHANGED, **{"from": before.pk, "to": stage.pk})
    if stage.kind != before.kind:
        outcome = {
            Stage.Kind.WON: events.DEAL_WON,
            Stage.Kind.LOST: events.DEAL_LOST,
            Stage.Kind.OPEN: events.DEAL_REOPENED,
        }
        _tell(actor, deal, outcome[Stage.Kind(stage.kind)])
    return access_deal(actor, deal_id)


def _check_required(deal: Deal, stage: Stage, given: Mapping[str, Any], lost_reason: str) -> None:
    if stage.kind == Stage.Kind.LOST and not lost_reason.strip():
        raise Invalid(
            "lost_reason_missing",
            "A lost deal needs its reason. Nothing was changed.",
            fields={"lost_reason": "missing"},
        )
    missing = [name for name in stage.required_fields if not given.get(name, getattr(deal, name, None))]
    if missing:
        raise Invalid(
            "stage_fields_missing",
            "This stage asks for more. Nothing was changed.",
            fields=dict.fromkeys(missing, "missing"),
            params={"stage": stage.name},
        )


@transaction.atomic
def assign_deal(*, actor: Actor, deal_id: int, owner_id: int) -> Deal:
    """Give a deal to another member; its stage and history stay."""
    require(actor, "deal.assign")
    deal = access_deal(actor, deal_id, "deal.assign", lock=True)
    require_active_member(owner_id)
    before = deal.owner_id
    if assign_record(actor, deal, "deal", owner_id):
        step = {"from": before, "to": owner_id}
        log_system(actor=actor, event=events.DEAL_ASSIGNED, record=("deal", deal.pk), data=step)
    return deal


@transaction.atomic
def archive_deal(*, actor: Actor, deal_id: int) -> Deal:
    """Take a deal out of the lists."""
    require(actor, "deal.archive")
    deal = access_deal(actor, deal_id, "deal.archive", lock=True)
    archive_record(actor, deal, "deal")
    return deal


@transaction.atomic
def restore_deal(*, actor: Actor, deal_id: int) -> Deal:
    """Put an archived deal back."""
    require(actor, "deal.archive")
    deal = access_deal(actor, deal_id, "deal.archive", lock=True)
    restore_record(actor, deal, "deal")
    return deal


@transaction.atomic
def create_pipeline(*, actor: Actor, name: str, stages: list[dict[str, Any]], is_default: bool = False) -> Pipeline:
    """Create a pipeline with its stages; it needs at least one open, one won and one lost stage."""
    require(actor, "pipeline.manage")
    kinds = {stage.get("kind", "open") for stage in stages}
    if not {"open", "won", "lost"} <= kinds:
        raise Invalid(
            "pipeline_incomplete", "A pipeline needs an open, a won and a lost stage.", fields={"stages": "incomplete"}
        )
    if is_default:
        Pipeline.objects.filter(is_default=True).update(is_default=False)
    pipeline = Pipeline.objects.create(name=name.strip(), is_default=is_default, position=Pipeline.objects.count())
    allowed = {"name", "kind", "probability", "max_days", "required_fields"}
    Stage.objects.bulk_create(
        [
            Stage(
                pipeline=pipeline, position=position, **{key: value for key, value in stage.items() if key in allowed}
            )
            for position, stage in enumerate(stages)
        ]
    )
    record_audit(actor=actor, action="create", kind="pipeline", record_id=pipeline.pk)
    return pipeline


@transaction.atomic
def update_stage(*, actor: Actor, stage_id: int, changes: Mapping[str, Any]) -> Stage:
    """Change a stage's name, probability, longest stay or required fields."""
    require(actor, "pipeline.manage")
    stage = Stage.objects.select_for_update().filter(pk=stage_id).first()
    if stage is None:
        raise NotFound("stage", stage_id)
    for name in ("name", "probability", "max_days", "required_fields"):
        if name in changes:
            setattr(stage, name, changes[name])
    stage.updated_at = clock.now()
    stage.save()
    record_audit(actor=actor, action="update", kind="stage", record_id=stage.pk)
    return stage
