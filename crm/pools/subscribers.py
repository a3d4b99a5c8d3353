"""What pools do when something happened elsewhere, or has come due."""

from crm.pools.selectors.kinds import KINDS
from crm.pools.services.common import HOLDING_DUE
from crm.pools.services.recycling import look_again, take_step
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.timers.registry import on_due


@subscribe("activity.logged", "activity.done", "activity.updated", name="pools.look_again")
def note_follow_up(event: Event) -> None:
    """A follow-up moves the day on which a record is due to come back."""
    if event.aggregate_kind in KINDS:
        look_again(kind=event.aggregate_kind, record_id=event.aggregate_id)


@on_due(HOLDING_DUE)
def step(ref_id: int) -> None:
    """Warn of a record, or recycle it."""
    take_step(holding_id=ref_id)
