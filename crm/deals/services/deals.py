"""Writes deals."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system, show_on
from crm.customers.selectors import access_contact, access_customer
from crm.deals import events
from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.selectors import access_deal, access_pipeline, stages_of
from crm.deals.services.finding import keys_of
from crm.deals.services.rules import stuck_moment, watch_stay
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
    "lost_note",
]
NULLABLE = {"expected_close_on", "next_action_at", "customer_id", "contact_id"}


def clean_values(actor: Actor, values: Mapping[str, Any], *, deal: Deal | None = None) -> dict[str, Any]:
    """Return what may be written of a deal; raise Invalid for what cannot be, NotFound for whom nobody may name."""
    cleaned = {key: value for key, value in values.items() if key in FIELDS and (value is not None or key in NULLABLE)}
    if "name" in cleaned and not cleaned["name"].strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    if cleaned.get("amount") is not None and cleaned.get("amount", 0) < 0:
        raise Invalid(
            "amount_negative", "An amount cannot be negative. Nothing was saved.", fields={"amount": "negative"}
        )
    if "amount" in cleaned and deal is not None and deal.amount_from_lines and cleaned["amount"] != deal.amount:
        raise Invalid(
            "amount_from_lines",
            "The amount is the sum of the lines. Nothing was saved.",
            fields={"amount": "from_lines"},
        )
    if cleaned.get("customer_id"):
        access_customer(actor, cleaned["customer_id"])
    if cleaned.get("contact_id"):
        access_contact(actor, cleaned["contact_id"])
    return cleaned


def records_above(deal: Deal) -> list[tuple[str, int]]:
    """Return the records on whose timeline something of a deal shows too."""
    return [("customer", deal.customer_id)] if deal.customer_id else []


def tell_deal(actor: Actor, deal: Deal, kind: str, **data: Any) -> None:
    """Record an event of a deal, to be heard by whoever may read it."""
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
    cleaned = clean_record(actor, "deal", clean_values(actor, values))
    deal = Deal(**cleaned, pipeline=pipeline, stage=stage_in(pipeline, stage_id))
    if not deal.name.strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    stamp_new(actor, deal, owner_id=owner_id)
    deal.stage_entered_at = deal.created_at
    deal.stuck_at = stuck_moment(deal.stage, deal.stage_entered_at)
    deal.search_keys = keys_of(deal)
    save_new(actor, deal, "deal")
    watch_stay(deal)
    log_state_change(actor, deal, "deal", before="", after=str(deal.stage_id), field="stage")
    log_system(
        actor=actor,
        event=events.DEAL_CREATED,
        record=("deal", deal.pk),
        data={"name": deal.name},
        also_on=records_above(deal),
    )
    tell_deal(actor, deal, events.DEAL_CREATED, stage_id=deal.stage_id, customer_id=deal.customer_id)
    return deal


def stage_in(pipeline: Pipeline, stage_id: int | None) -> Stage:
    """Return a stage of a pipeline, the first open one for None; raise NotFound for one of another pipeline."""
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
    cleaned = clean_record(actor, "deal", clean_values(actor, changes, deal=deal), record=deal)
    customer_before = deal.customer_id
    changed = change_record(actor, deal, "deal", cleaned, version=version)
    if {"name", "customer_id", "custom"} & set(changed):
        deal.search_keys = keys_of(Deal.objects.select_related("customer").get(pk=deal.pk))
        deal.save(update_fields=["search_keys"])
        if deal.customer_id and deal.customer_id != customer_before:
            show_on(record=("deal", deal.pk), also_on=("customer", deal.customer_id))
    if changed:
        tell_deal(actor, deal, events.DEAL_UPDATED, fields=sorted(changed))
    return access_deal(actor, deal_id)


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
    watch_stay(deal)
    return deal


@transaction.atomic
def restore_deal(*, actor: Actor, deal_id: int) -> Deal:
    """Put an archived deal back."""
    require(actor, "deal.archive")
    deal = access_deal(actor, deal_id, "deal.archive", lock=True)
    restore_record(actor, deal, "deal")
    watch_stay(deal)
    return deal
