"""What follows from changes of members and roles."""

from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.realtime import disconnect_members, refresh_members
from tenants.members import events


@subscribe(events.SWITCHED_OFF, name="members.end_live_lines")
def end_live_lines(event: Event) -> None:
    """Close the sockets of a member who no longer takes part."""
    disconnect_members([event.aggregate_id])


@subscribe(
    events.UPDATED,
    events.ROLES_CHANGED,
    events.ROLE_CHANGED,
    events.ROLE_REMOVED,
    events.DEPARTMENT_MOVED,
    events.DEPARTMENT_REMOVED,
    events.TEAM_UPDATED,
    events.TEAM_REMOVED,
    events.DELEGATION_CREATED,
    events.DELEGATION_STARTED,
    events.DELEGATION_ENDED,
    name="members.refresh_live_lines",
)
def refresh_live_lines(event: Event) -> None:
    """Let all open sockets go by the rights as they are now: a member's new manager sees more too."""
    refresh_members()
