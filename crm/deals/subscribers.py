"""What deals do when something happened elsewhere, or a time has come."""

from crm.deals.services import RETIME, STUCK, note_stuck, retime_deals
from crm.deals.services.finding import renew_keys_of_customer
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.timers.registry import on_due


@on_due(STUCK)
def tell_owner(ref_id: int) -> None:
    """Tell the owner that a deal has been in its stage longer than allowed."""
    note_stuck(deal_id=ref_id)


@on_due(RETIME)
def set_limits_anew(ref_id: int) -> None:
    """Let the timers of a stage's deals follow its new limit."""
    retime_deals(stage_id=ref_id)


@subscribe("customer.updated", name="deals.renew_keys")
def follow_the_name(event: Event) -> None:
    """Let deals be found by their customer's new name."""
    if "name" in event.data.get("fields", ()):
        renew_keys_of_customer(customer_id=event.aggregate_id)
