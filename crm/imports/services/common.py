"""What imports and exports share: purposes of files, who is told."""

from typing import Any

from crm.imports import events
from crm.imports.columns.targets import KINDS
from crm.imports.models import Export, Import
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import NotFound, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members.selectors import actor_of_member_id

UPLOAD, ERRORS, RESULT = "records.import", "records.import_errors", "records.export"
MAX_UPLOAD = 500 * 1024 * 1024
CHECK_JOB, RUN_JOB, UNDO_JOB, EXPORT_JOB = "imports.check", "imports.run", "imports.undo", "imports.export"


def require_kind(actor: Actor, kind: str, action: str) -> int:
    """Return who acts; raise NotFound for a kind without tables, PermissionDenied for one who may not."""
    if kind not in KINDS:
        raise NotFound("record kind", kind)
    require(actor, f"{kind}.{action}")
    if actor.member_id is None:
        raise PermissionDenied(f"{kind}.{action}")
    return actor.member_id


def working_actor(member_id: int, permission: str) -> Actor:
    """Return the actor in whose name a job works, with the rights of now; raise PermissionDenied when they are gone."""
    actor = actor_of_member_id(member_id)
    if actor is None:
        raise PermissionDenied(permission)
    require(actor, permission)
    return actor


def tell(actor: Actor | None, what: Import | Export) -> None:
    """Let the pages of its maker hear that an import or export has moved on."""
    kind = events.IMPORT_CHANGED if isinstance(what, Import) else events.EXPORT_CHANGED
    record_event(
        kind,
        actor=actor,
        aggregate=(kind.partition(".")[0], what.pk),
        data={"state": str(what.state), "kind": what.kind},
        audience=Audience(member_ids=(what.member_id,)),
    )


def move_to(actor: Actor | None, what: Import | Export, state: str, **changes: Any) -> None:
    """Save that an import or export has come to a state, and tell it."""
    what.state = state
    for name, value in changes.items():
        setattr(what, name, value)
    what.updated_at = clock.now()
    what.save()
    tell(actor, what)
