"""What handovers do when somebody leaves."""

from crm.handover.selectors.belongings import belongings, capped
from crm.handover.types import KINDS, What
from guanxi.access import Actor
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.notifications.services import notify
from tenants.members.selectors import access_member, active_members_with_role


@subscribe("member.switched_off", name="handover.nobody_left")
def tell_of_what_is_left(event: Event) -> None:
    """Tell the manager, or the administrators, when somebody has left and things are still in that one's name."""
    what = What()
    counts = {kind: capped(belongings(kind, event.aggregate_id, what)).count for kind in KINDS}
    left = {kind: number for kind, number in counts.items() if number}
    if not left:
        return
    member = access_member(Actor.system("somebody left"), event.aggregate_id)
    people = [boss] if (boss := member.manager_id) else active_members_with_role("owner", "admin")
    notify(
        member_ids=people,
        kind="handover_orphans",
        params={"from": member.name, "total": sum(left.values()), "counts": left},
        record=("member", member.pk),
        dedupe_key=f"handover_orphans:{event.id}",
    )
