"""Writes the tenant's lists: why deals are lost, and who competes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from crm.deals.models import Competitor, LossReason
from crm.deals.services.rules import in_order
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    return name.strip()


@transaction.atomic
def create_loss_reason(*, actor: Actor, name: str) -> LossReason:
    """Add a reason at the end of the list."""
    require(actor, "pipeline.manage")
    last = LossReason.objects.aggregate(last=Max("position"))["last"]
    reason = LossReason.objects.create(name=_named(name), position=0 if last is None else last + 1)
    record_audit(actor=actor, action="create", kind="loss_reason", record_id=reason.pk)
    return reason


@transaction.atomic
def update_loss_reason(
    *, actor: Actor, reason_id: int, name: str | None = None, archived: bool | None = None
) -> LossReason:
    """Rename a reason or take it out of the list; deals that were lost for it keep the words of then."""
    require(actor, "pipeline.manage")
    reason = LossReason.objects.select_for_update().filter(pk=reason_id).first()
    if reason is None:
        raise NotFound("loss_reason", reason_id)
    if name is not None:
        reason.name = _named(name)
    if archived is not None:
        reason.archived_at = (reason.archived_at or clock.now()) if archived else None
    reason.updated_at = clock.now()
    reason.save()
    record_audit(actor=actor, action="update", kind="loss_reason", record_id=reason.pk)
    return reason


@transaction.atomic
def order_loss_reasons(*, actor: Actor, ids: list[int]) -> None:
    """Put the reasons in use into this order."""
    require(actor, "pipeline.manage")
    rows = LossReason.objects.select_for_update().filter(archived_at__isnull=True).order_by("position", "id")
    LossReason.objects.bulk_update(in_order("loss_reason", list(rows), ids), ["position"])


def _free_name(name: str, *, but: int | None = None) -> str:
    found = Competitor.objects.filter(name__iexact=_named(name)).exclude(pk=but or 0)
    if found.exists():
        raise Conflict("competitor_known", "This competitor is in the list already.")
    return name.strip()


@transaction.atomic
def create_competitor(*, actor: Actor, values: Mapping[str, Any]) -> Competitor:
    """Add a competitor to the list; whoever works on deals may."""
    require(actor, "deal.update")
    texts = {name: values.get(name) or "" for name in ("website", "strengths", "weaknesses")}
    competitor = Competitor.objects.create(name=_free_name(values["name"]), **texts)
    record_audit(actor=actor, action="create", kind="competitor", record_id=competitor.pk)
    return competitor


@transaction.atomic
def update_competitor(*, actor: Actor, competitor_id: int, changes: Mapping[str, Any]) -> Competitor:
    """Change what is known of a competitor, or take it out of the list."""
    require(actor, "pipeline.manage")
    competitor = Competitor.objects.select_for_update().filter(pk=competitor_id).first()
    if competitor is None:
        raise NotFound("competitor", competitor_id)
    if changes.get("name") is not None:
        competitor.name = _free_name(changes["name"], but=competitor.pk)
    for name in ("website", "strengths", "weaknesses"):
        if changes.get(name) is not None:
            setattr(competitor, name, changes[name])
    if changes.get("archived") is not None:
        competitor.archived_at = (competitor.archived_at or clock.now()) if changes["archived"] else None
    competitor.updated_at = clock.now()
    competitor.save()
    record_audit(actor=actor, action="update", kind="competitor", record_id=competitor.pk)
    return competitor
