"""Writes the audit trail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.audit.snapshots import plain_changes
from guanxi.common.context import request_info

ERASER_SETTING = "guanxi.eraser"


def record_audit(
    *, actor: Actor, action: str, kind: str, record_id: int, changes: Mapping[str, tuple[Any, Any]] | None = None
) -> AuditEntry:
    """Write that `actor` did `action` to a record, in the caller's transaction; `changes` maps a field to its old and
    new value.
    """
    info = request_info()
    return AuditEntry.objects.create(
        actor_kind=actor.kind.value,
        actor_id=actor.member_id,
        actor_name=actor.name,
        reason=actor.reason,
        action=action,
        kind=kind,
        record_id=record_id,
        changes=plain_changes(changes or {}),
        request_id=info.request_id if info else "",
        ip=(info.ip or None) if info else None,
    )


def record_audits(
    *, actor: Actor, action: str, kind: str, changes: Mapping[int, Mapping[str, tuple[Any, Any]]]
) -> None:
    """Write that `actor` did `action` to many records, in one statement; `changes` maps a record's id to its fields."""
    info = request_info()
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                actor_kind=actor.kind.value,
                actor_id=actor.member_id,
                actor_name=actor.name,
                reason=actor.reason,
                action=action,
                kind=kind,
                record_id=record_id,
                changes=plain_changes(fields),
                request_id=info.request_id if info else "",
                ip=(info.ip or None) if info else None,
            )
            for record_id, fields in changes.items()
        ],
        batch_size=500,
    )


@contextmanager
def eraser() -> Iterator[None]:
    """Let this transaction change audit rows: for erasing a person's data and for nothing else."""
    with transaction.atomic():
        _set_eraser("on")
        yield
        _set_eraser("off")


def _set_eraser(value: str) -> None:
    # The third argument makes the setting end with the transaction, also when it fails.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [ERASER_SETTING, value])
