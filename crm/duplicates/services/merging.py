"""Makes several records one, and takes it back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from crm.duplicates.describing import read_field as _read
from crm.duplicates.models import UNDO_FOR, DuplicateMerge, DuplicatePair, MergedRecord
from crm.duplicates.references import Reference, references_to
from crm.duplicates.services.checking import unchecked
from crm.duplicates.types import subjects
from crm.records.fields import FieldType, fields_of
from crm.records.registry import record_kind
from crm.records.services import archive_record, restore_record, tell_of
from crm.records.visibility import reach_q
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound

MOST = 5
KEPT_BESIDE = {FieldType.PHONE, FieldType.EMAIL}


@transaction.atomic
def merge_records(
    *, actor: Actor, kind: str, winner_id: int, loser_ids: Iterable[int], chosen: Mapping[str, int] | None = None
) -> DuplicateMerge:
    """Make records one: the winner takes the chosen fields and everything that points at the losers, which are
    archived. `chosen` maps a field to the record that its value comes from; fields that are empty in the winner are
    filled without being chosen.
    """
    losers = list(dict.fromkeys(loser_ids))
    if kind not in subjects():
        raise NotFound("record kind", kind)
    require(actor, f"{kind}.merge")
    if not losers or winner_id in losers or len(losers) >= MOST:
        raise Invalid("merge_needs_others", f"Name one record to keep and 1 to {MOST - 1} others.")
    records = _locked(actor, kind, [winner_id, *losers])
    for record in records.values():
        if record.archived_at is not None or not subjects()[kind].counts(record):
            raise Conflict("merge_of_ended", "An archived or converted record cannot be merged.")
    winner = records[winner_id]
    changes = _changes(kind, records, winner, losers, chosen or {})
    before = {name: _plain(_read(winner, name)) for name in changes}
    merge = DuplicateMerge.objects.create(
        kind=kind, winner_id=winner_id, loser_ids=losers, before=before, by_id=actor.member_id
    )
    for loser in losers:
        archive_record(actor, records[loser], kind)
        record_audit(
            actor=actor, action="merged_away", kind=kind, record_id=loser, changes={"merged_into": (None, winner_id)}
        )
    merge.moved = [moved for loser in losers for moved in _move(kind, loser, winner_id)]
    MergedRecord.objects.filter(kind=kind, merged_into_id__in=losers).update(merged_into_id=winner_id)
    MergedRecord.objects.bulk_create(
        [MergedRecord(kind=kind, record_id=loser, merged_into_id=winner_id, merge=merge) for loser in losers]
    )
    _write(actor, kind, winner_id, changes)
    merge.after = {name: _plain(value) for name, value in changes.items()}
    merge.save()
    _close_pairs(actor, kind, [winner_id, *losers])
    record_audit(
        actor=actor,
        action="merge",
        kind=kind,
        record_id=winner_id,
        changes={"merged": (None, ", ".join(map(str, losers)))},
    )
    tell_of(actor, winner, kind, f"{kind}.merged", merged=losers)
    return merge


def _locked(actor: Actor, kind: str, ids: list[int], action: str = "merge") -> dict[int, Any]:
    model = record_kind(kind).model
    reachable = model._default_manager.filter(reach_q(actor, kind, action), pk__in=ids)
    # In the order of ids, so that two merges of the same records do not wait for each other.
    rows = model._default_manager.filter(pk__in=reachable.values("pk")).select_for_update(of=("self",)).order_by("pk")
    found: dict[int, Any] = {record.pk: record for record in rows}
    for record_id in ids:
        if record_id not in found:
            raise NotFound(kind, record_id)
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def _changes(
    kind: str, records: Mapping[int, Any], winner: Any, losers: list[int], chosen: Mapping[str, int]
) -> dict[str, Any]:
    fields = {name: field for name, field in fields_of(kind).items() if field.editable}
    if unknown := set(chosen) - set(fields):
        raise Invalid("unknown_field", "There is no such field.", fields=dict.fromkeys(unknown, "unknown"))
    if set(chosen.values()) - set(records):
        raise Invalid("unknown_record", "A value comes from one of the records.", fields={"chosen": "unknown"})
    changes: dict[str, Any] = {}
    for name in fields:
        own = _read(winner, name)
        if name in chosen:
            value = _read(records[chosen[name]], name)
        elif own in (None, "", [], {}):
            value = next((found for pk in losers if (found := _read(records[pk], name)) not in (None, "", [], {})), own)
        elif name == "tags":
            value = list(dict.fromkeys([*own, *(tag for pk in losers for tag in records[pk].tags)]))
        else:
            continue
        if value != own:
            changes[name] = value
    if getattr(winner, "parent_id", None) in losers or changes.get("parent_id") in {winner.pk, *losers}:
        changes["parent_id"] = None
    return changes | _kept_beside(fields, records, winner, changes)


def _kept_beside(
    fields: Mapping[str, Any], records: Mapping[int, Any], winner: Any, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Put phones and addresses that were not chosen into the winner's own fields of that type that are empty."""
    kept: dict[str, Any] = {}
    for sort in KEPT_BESIDE:
        names = [name for name, field in fields.items() if field.type is sort]
        held = {changes.get(name, _read(winner, name)) for name in names} - {None, ""}
        rest = [value for record in records.values() for name in names if (value := _read(record, name))]
        free = [name for name in names if name.startswith("custom.") and not (_read(winner, name) or changes.get(name))]
        unheld = [value for value in dict.fromkeys(rest) if value not in held]
        kept |= dict(zip(free, unheld, strict=False))
    return kept


def _write(actor: Actor, kind: str, record_id: int, changes: Mapping[str, Any]) -> None:
    operations = record_kind(kind).operations
    if not changes or operations is None:
        return
    plain = {name: value for name, value in changes.items() if not name.startswith("custom.")}
    custom = {name.removeprefix("custom."): value for name, value in changes.items() if name.startswith("custom.")}
    with unchecked():
        operations.update(
            actor=actor, record_id=record_id, changes={**plain, **({"custom": custom} if custom else {})}, version=None
        )


def _move(kind: str, loser: int, winner: int) -> list[dict[str, Any]]:
    moved = []
    for reference in references_to(kind):
        rows = _rows(reference, kind, loser)
        if reference.model is record_kind(kind).model:
            rows = rows.exclude(pk=winner)
        if ids := list(rows.order_by("pk").values_list("pk", flat=True)):
            done = _point(reference, ids, winner)
            moved.append({"reference": reference.name, "from": loser, "ids": done})
    return moved


def _rows(reference: Reference, kind: str, record_id: int) -> Any:
    wanted = {reference.column: record_id, **({reference.kind_column: kind} if reference.kind_column else {})}
    return reference.model._default_manager.filter(**wanted)


def _point(reference: Reference, ids: list[int], target: int) -> list[int]:
    """Let rows point at another record; what the other has already (a share, a link) stays; return what was moved."""
    rows = reference.model._default_manager
    try:
        with transaction.atomic():
            rows.filter(pk__in=ids).update(**{reference.column: target})
        return ids
    except IntegrityError:
        if len(ids) == 1:
            return []
    middle = len(ids) // 2
    return [*_point(reference, ids[:middle], target), *_point(reference, ids[middle:], target)]


def _close_pairs(actor: Actor, kind: str, ids: list[int]) -> None:
    among = Q(kind=kind, record_id__in=ids, other_kind=kind, other_id__in=ids)
    DuplicatePair.objects.filter(among, state=DuplicatePair.State.OPEN).update(
        state=DuplicatePair.State.MERGED, decided_by_id=actor.member_id, decided_at=clock.now()
    )


@transaction.atomic
def undo_merge(*, actor: Actor, merge_id: int) -> DuplicateMerge:
    """Take a merge back: references, losers, and the fields that nobody has changed since."""
    merge = DuplicateMerge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise NotFound("duplicate_merge", merge_id)
    kind = merge.kind
    require(actor, f"{kind}.merge")
    records = _locked(actor, kind, [merge.winner_id, *merge.loser_ids])
    if merge.undone_at is not None:
        raise Conflict("merge_undone", "This merge has been taken back.")
    if merge.undo_until < clock.now():
        raise Conflict("merge_too_old", "A merge can be taken back for 30 days.", params={"days": UNDO_FOR.days})
    if MergedRecord.objects.filter(kind=kind, record_id=merge.winner_id).exists():
        raise Conflict("merged_again", "The record was merged again; take that back first.")
    winner = records[merge.winner_id]
    untouched = {
        name: old for name, old in merge.before.items() if _plain(_read(winner, name)) == merge.after.get(name)
    }
    _write(actor, kind, merge.winner_id, untouched)
    known = {reference.name: reference for reference in references_to(kind)}
    for moved in merge.moved:
        if (reference := known.get(moved["reference"])) is not None:
            still = _rows(reference, kind, merge.winner_id).filter(pk__in=moved["ids"])
            _point(reference, list(still.values_list("pk", flat=True)), moved["from"])
    MergedRecord.objects.filter(merge=merge).delete()
    for loser in merge.loser_ids:
        restore_record(actor, records[loser], kind)
    merge.undone_at, merge.undone_by_id = clock.now(), actor.member_id
    merge.save()
    record_audit(actor=actor, action="undo_merge", kind=kind, record_id=merge.winner_id)
    tell_of(actor, winner, kind, f"{kind}.unmerged", merged=merge.loser_ids)
    return merge
