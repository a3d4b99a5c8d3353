"""Reads deals, pipelines and the board."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.db.models import Count, Prefetch, QuerySet, Sum

from crm.activities.selectors import without_next_step
from crm.deals.models import Competitor, Deal, LossReason, Pipeline, Stage
from crm.deals.types import DealParts, StageColumn, StageStay
from crm.records.modes import finding_q, is_hidden, require_filterable
from crm.records.selectors import state_history
from crm.records.visibility import reach_q
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.http.pages import PageParams, paginate
from tenants.members.selectors import member_names

DEALS_A_COLUMN = 30


def visible_deals(actor: Actor) -> QuerySet[Deal]:
    """Return the deals that the actor may read."""
    return Deal.objects.filter(reach_q(actor, "deal")).select_related("owner", "stage", "customer", "contact")


def access_deal(actor: Actor, deal_id: int, permission: str = "deal.read", *, lock: bool = False) -> Deal:
    """Return a deal that the permission reaches; raise NotFound otherwise."""
    rows = visible_deals(actor).filter(pk=deal_id)
    if permission != "deal.read":
        rows = rows.filter(reach_q(actor, *permission.split(".")))
    deal = (rows.select_related(None).select_for_update(of=("self",)) if lock else rows).first()
    if deal is None:
        raise NotFound("deal", deal_id)
    return deal


def find_deals(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Deal]:
    """Return the visible deals that fit: q, pipeline_id, stage_id, owner_id, customer_id, status (open, won, lost),
    archived, stuck, close_from and close_to (expected), no_next_step.
    """
    require_filterable(actor, "deal", filters)
    rows = visible_deals(actor).filter(archived_at__isnull=not filters.get("archived"))
    if text := filters.get("q"):
        rows = rows.filter(finding_q(actor, "deal", text))
    for name in ("pipeline_id", "stage_id", "owner_id", "customer_id", "contact_id", "source"):
        if value := filters.get(name):
            rows = rows.filter(**{name: value})
    if status := filters.get("status"):
        rows = rows.filter(stage__kind=status)
    if filters.get("stuck"):
        rows = rows.filter(stuck_at__lte=clock.now())
    if since := filters.get("close_from"):
        rows = rows.filter(expected_close_on__gte=since)
    if until := filters.get("close_to"):
        rows = rows.filter(expected_close_on__lte=until)
    if filters.get("no_next_step"):
        rows = without_next_step(rows.filter(stage__kind=Stage.Kind.OPEN), "deal")
    return rows


def pipelines(*, archived: bool = False) -> QuerySet[Pipeline]:
    """Return the pipelines in use, or the archived ones, with their stages in use."""
    stages = Prefetch("stages", Stage.objects.filter(archived_at__isnull=True).order_by("position", "id"))
    rows = Pipeline.objects.filter(archived_at__isnull=not archived)
    return rows.prefetch_related(stages).order_by("position", "id")


def access_pipeline(pipeline_id: int | None) -> Pipeline:
    """Return a pipeline, the default one for None; raise NotFound for an unknown one."""
    rows = Pipeline.objects.filter(archived_at__isnull=True)
    pipeline = (rows.filter(pk=pipeline_id) if pipeline_id else rows.order_by("-is_default", "position", "id")).first()
    if pipeline is None:
        raise NotFound("pipeline", pipeline_id or "default")
    return pipeline


def stages_of(pipeline: Pipeline) -> list[Stage]:
    """Return the stages in use of a pipeline in their order."""
    return list(pipeline.stages.filter(archived_at__isnull=True).order_by("position", "id"))


def loss_reasons(*, archived: bool = False) -> QuerySet[LossReason]:
    """Return the reasons why deals are lost, in their order."""
    return LossReason.objects.filter(archived_at__isnull=not archived).order_by("position", "id")


def find_competitors(*, text: str = "", archived: bool = False) -> QuerySet[Competitor]:
    """Return competitors by part of their name."""
    rows = Competitor.objects.filter(archived_at__isnull=not archived)
    return (rows.filter(name__icontains=text) if text else rows).order_by("name", "id")


def parts_of(actor: Actor, deal_id: int) -> DealParts:
    """Return what hangs on a deal: contacts with their parts, competitors, lines."""
    deal = access_deal(actor, deal_id)
    return DealParts(
        contacts=list(deal.contact_links.select_related("contact").order_by("id")),
        competitors=list(deal.competitor_links.select_related("competitor").order_by("id")),
        lines=[] if is_hidden(actor, "deal", "amount") else list(deal.lines.order_by("position", "id")),
        amount_from_lines=deal.amount_from_lines,
    )


def stays(actor: Actor, deal_id: int) -> list[StageStay]:
    """Return the stages that a deal went through, the first one first, each with how long it was there."""
    deal = access_deal(actor, deal_id)
    steps = list(state_history(actor, "deal", deal.pk).filter(field="stage").order_by("at", "id"))
    stages = Stage.objects.in_bulk({int(step.after) for step in steps})
    names = member_names(step.actor_id for step in steps)
    found = []
    for step, following in zip_longest(steps, steps[1:]):
        until = following.at if following else None
        seconds = int(((until or deal.closed_at or clock.now()) - step.at).total_seconds())
        stage = stages.get(int(step.after))
        found.append(
            StageStay(
                stage_id=int(step.after),
                name=stage.name if stage else "",
                kind=stage.kind if stage else "",
                entered_at=step.at,
                left_at=until,
                seconds=max(0, seconds),
                by=names.get(step.actor_id or 0, ""),
                note=step.note,
            )
        )
    return found


def board(actor: Actor, pipeline_id: int | None, filters: Mapping[str, Any]) -> list[StageColumn]:
    """Return the columns of a pipeline's board with totals over all deals, and the first deals of each."""
    pipeline = access_pipeline(pipeline_id)
    rows = find_deals(actor, {**filters, "pipeline_id": pipeline.pk, "archived": False})
    sums = rows.order_by().values_list("stage_id").annotate(number=Count("pk"), money=Sum("amount"))
    totals: dict[int, tuple[int, Decimal]] = {
        stage_id: (number, money or Decimal(0)) for stage_id, number, money in sums
    }
    columns = []
    no_money = is_hidden(actor, "deal", "amount")
    for stage in stages_of(pipeline):
        count, money = totals.get(stage.pk, (0, Decimal(0)))
        money = Decimal(0) if no_money else money
        page = paginate(
            rows.filter(stage=stage), PageParams(limit=DEALS_A_COLUMN, cursor=None), order=("-updated_at", "-id")
        )
        weighted = (money * stage.probability / 100).quantize(Decimal("0.01"))
        columns.append(StageColumn(stage, count, money, weighted, page["items"], page["next"]))
    return columns
