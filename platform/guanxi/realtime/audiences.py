"""Who may hear of what over a socket."""

from guanxi.access import Actor, allows, in_scope
from guanxi.events.types import Audience


def admits(actor: Actor, audience: Audience) -> bool:
    """Return whether the actor may hear of it: named, or everybody may, or the record lies in the reach of the
    actor's roles.

    With `everyone` and a permission, everyone who has the permission at any reach; whoever is named needs it too.
    """
    if actor.member_id is not None and actor.member_id in audience.member_ids:
        return not audience.permission or allows(actor, audience.permission)
    if audience.everyone:
        return not audience.permission or allows(actor, audience.permission)
    if audience.permission:
        if not allows(actor, audience.permission):
            return False
        path = audience.department_path
        return _belongs(actor, audience) or in_scope(
            actor, audience.permission, owner_id=audience.owner_id, department_path=path
        )
    return audience.owner_id is not None and audience.owner_id == actor.member_id


def _belongs(actor: Actor, audience: Audience) -> bool:
    if not actor.self_ids.isdisjoint(audience.owner_ids) or not actor.subjects.isdisjoint(audience.shares):
        return True
    return any(admits(actor, part) for part in audience.also)
