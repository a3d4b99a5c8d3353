"""What leads do when something happened elsewhere."""

from crm.leads.services import note_first_response, note_overdue_response
from crm.leads.services.assignment import RESPONSE_DUE
from guanxi.access import Actor
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.timers.registry import on_due


@subscribe("activity.logged", name="leads.first_response")
def note_activity(event: Event) -> None:
    """A call, a visit or an e-mail on a lead is its first answer; a note is not."""
    if event.aggregate_kind == "lead" and event.data.get("kind") in {"call", "visit", "meeting", "email"}:
        note_first_response(actor=Actor.system("an activity was logged"), lead_id=event.aggregate_id)


@on_due(RESPONSE_DUE)
def warn(ref_id: int) -> None:
    """Warn of a lead that waits."""
    note_overdue_response(lead_id=ref_id)
