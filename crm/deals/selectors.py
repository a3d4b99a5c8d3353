"""Reads deals, pipelines and the board."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.types import StageColumn
from crm.records.search import search_q
from guanxi.access import Actor, scope_q
from guanxi.common.errors import NotFound
from guanxi.http.pages import PageParams, paginate

DEALS_A_COLUMN = 30


def visible_deals(actor: Actor) -> QuerySet[Deal]:
    """Return the deals that the actor may read, and those of the customers that the actor owns."""
    condition = scope_q(actor, "deal.read")
    if condition and "deal.read" in actor.grants and actor.member_id is not None:
        condition |= Q(customer__owner_id=actor.member_id)
    return Deal.objects.filter(condition).select_related("owner", "stage", "customer", "contact")


def access_deal(actor: Actor, deal_id: int, permission: str = "deal.read", *, lock: bool = False) -> Deal:
    """Return a deal that the permission reaches; raise NotFound otherwise."""
    rows = visible_deals(actor).filter(pk=deal_id)
    if permission != "deal.read":
        rows = rows.filter(scope_q(actor, permission))
    deal = (rows.select_related(None).select_for_update(of=("self",)) if lock else rows).first()
    if deal is None:
        raise NotFound("deal", deal_id)
    return deal


def find_deals(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Deal]:
    """Return the visible deals that fit: q, pipeline_id, stage_id, owner_id, customer_id, status (open, won, lost),
    archived.
    """
    rows = visible_deals(actor).filter(archived_at__isnull=not filters.get("archived"))
    if text := filters.get("q"):
        rows = rows.filter(search_q(text))
    for name in ("pipeline_id", "stage_id", "owner_id", "customer_id", "contact_id", "source"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    if status := filters.get("status"):
        rows = rows.filter(stage__kind=status)
    return rows


def pipelines() -> QuerySet[Pipeline]:
    """Return the pipelines in use with their stages."""
    return Pipeline.objects.filter(archived_at__isnull=True).prefetch_related("stages").order_by("position", "id")


def access_pipeline(pipeline_id: int | None) -> Pipeline:
    """Return a pipeline, the default one for None; raise NotFound for an unknown one."""
    rows = Pipeline.objects.filter(archived_at__isnull=True)
    pipeline = (rows.filter(pk=pipeline_id) if pipeline_id else rows.order_by("-is_default", "position", "id")).first()
    if pipeline is None:
        raise NotFound("pipeline", pipeline_id or "default")
    return pipeline


def stages_of(pipeline: Pipeline) -> list[Stage]:
    """Return the stages of a pipeline in their order."""
    return list(pipeline.stages.order_by("position", "id"))


def board(actor: Actor, pipeline_id: int | None, filters: Mapping[str, Any]) -> list[StageColumn]:
    """Return the columns of a pipeline's board with totals over all deals, and the first deals of each."""
    pipeline = access_pipeline(pipeline_id)
    rows = find_deals(actor, {**filters, "pipeline_id": pipeline.pk, "archived": False})
    sums = rows.order_by().values_list("stage_id").annotate(number=Count("pk"), money=Sum("amount"))
    totals: dict[int, tuple[int, Decimal]] = {
        stage_id: (number, money or Decimal(0)) for stage_id, number, money in sums
    }
    columns = []
    for stage in stages_of(pipeline):
        count, money = totals.get(stage.pk, (0, Decimal(0)))
        page = paginate(
            rows.filter(stage=stage), PageParams(limit=DEALS_A_COLUMN, cursor=None), order=("-updated_at", "-id")
        )
        weighted = (money * stage.probability / 100).quantize(Decimal("0.01"))
        columns.append(StageColumn(stage, count, money, weighted, page["items"], page["next"]))
    return columns
