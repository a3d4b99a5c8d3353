"""Makes deals in chunks, for imports. Whoever calls has checked rights and values."""

from collections.abc import Sequence

from django.db import transaction

from crm.deals.models import Deal, Stage
from crm.deals.selectors import access_pipeline, stages_of
from crm.deals.services.rules import stuck_moment, watch_stay
from crm.records.bulk import BulkRow, insert_many, log_first_states, stamp_row
from guanxi.access import Actor


@transaction.atomic
def create_deals(*, actor: Actor, rows: Sequence[BulkRow]) -> list[Deal]:
    """Make deals in the stage of `more["stage"]`, or in the first open one of the default pipeline."""
    first: Stage | None = None
    deals = []
    for row in rows:
        stage = row.more.get("stage")
        if stage is None:
            first = first or _first_stage()
            stage = first
        deal = Deal(**row.values, pipeline_id=stage.pipeline_id, stage=stage)
        stamp_row(actor, deal, row)
        deal.stage_entered_at = deal.created_at
        deal.closed_at = None if stage.kind == Stage.Kind.OPEN else deal.updated_at
        deal.stuck_at = stuck_moment(stage, deal.stage_entered_at)
        deals.append(deal)
    insert_many(actor, "deal", deals)
    for deal in deals:
        if deal.stuck_at is not None:
            watch_stay(deal)
    log_first_states(actor, "deal", {deal.pk: str(deal.stage_id) for deal in deals}, field="stage")
    return deals


def _first_stage() -> Stage:
    return next(stage for stage in stages_of(access_pipeline(None)) if stage.kind == Stage.Kind.OPEN)
