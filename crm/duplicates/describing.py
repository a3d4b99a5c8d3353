"""Puts words beside pairs and requests, as the actor may read them."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm.duplicates.models import DuplicateMerge, DuplicatePair, TransferRequest
from crm.records.fields import fields_of
from crm.records.modes import Presented, present
from crm.records.registry import access_record, record_kinds
from guanxi.access import Actor
from tenants.members.selectors import member_names

Key = tuple[str, int]


def _visible(actor: Actor, keys: Iterable[Key]) -> dict[Key, Any]:
    ids: dict[str, list[int]] = {}
    for kind, record_id in keys:
        ids.setdefault(kind, []).append(record_id)
    kinds = record_kinds()
    return {
        (kind, record.pk): record
        for kind, wanted in ids.items()
        if kind in kinds
        for record in kinds[kind].visible(actor).filter(pk__in=wanted)
    }


def describe_requests(actor: Actor, requests: Sequence[TransferRequest]) -> Sequence[TransferRequest]:
    """Set the record's title, where the actor may see it, and who asked whom."""
    records = _visible(actor, {(request.kind, request.record_id) for request in requests})
    names = member_names(pk for request in requests for pk in (request.by_id, request.asked_id))
    for request in requests:
        record = records.get((request.kind, request.record_id))
        shown: Any = request
        shown.title = (
            record_kinds()[request.kind].title(Presented(actor, request.kind, record)) if record is not None else ""
        )
        shown.by_name = names.get(request.by_id, "")
        shown.asked_name = names.get(request.asked_id, "") if request.asked_id else ""
    return requests


def describe_pairs(actor: Actor, pairs: Sequence[DuplicatePair]) -> Sequence[DuplicatePair]:
    """Set both sides."""
    keys = {key for pair in pairs for key in ((pair.kind, pair.record_id), (pair.other_kind, pair.other_id))}
    records = _visible(actor, keys)
    owners = member_names(record.owner_id for record in records.values())
    for pair in pairs:
        shown: Any = pair
        shown.one = _side(actor, (pair.kind, pair.record_id), records, owners)
        shown.other = _side(actor, (pair.other_kind, pair.other_id), records, owners)
    return pairs


def _side(actor: Actor, key: Key, records: dict[Key, Any], owners: dict[int, str]) -> dict[str, Any]:
    record = records.get(key)
    if record is None:
        return {"kind": key[0], "id": key[1], "title": "", "subtitle": "", "owner": "", "archived": False}
    spec = record_kinds()[key[0]]
    presented = Presented(actor, key[0], record)
    return {
        "kind": key[0],
        "id": key[1],
        "title": spec.title(presented),
        "subtitle": spec.subtitle(presented) if spec.subtitle else "",
        "owner": owners.get(record.owner_id, ""),
        "archived": record.archived_at is not None,
    }


def describe_merges(actor: Actor, merges: Sequence[DuplicateMerge]) -> Sequence[DuplicateMerge]:
    """Set the winners' titles."""
    records = _visible(actor, {(merge.kind, merge.winner_id) for merge in merges})
    for merge in merges:
        record = records.get((merge.kind, merge.winner_id))
        shown: Any = merge
        shown.title = record_kinds()[merge.kind].title(Presented(actor, merge.kind, record)) if record else ""
    return merges


def compare(actor: Actor, kind: str, ids: Sequence[int]) -> dict[str, Any]:
    """Return the fields in which records differ, and their values as the actor may see them."""
    records = [access_record(actor, kind, record_id) for record_id in dict.fromkeys(ids)]
    owners = member_names(record.owner_id for record in records)
    names = [name for name, field in fields_of(kind).items() if field.editable]
    raw = [{name: read_field(record, name) for name in names} for record in records]
    differing = [name for name in names if any(values[name] != raw[0][name] for values in raw[1:])]
    sides = []
    for record, values in zip(records, raw, strict=True):
        plain = {name: values[name] for name in differing if not name.startswith("custom.")}
        custom = {name.removeprefix("custom."): values[name] for name in differing if name.startswith("custom.")}
        shown = present(actor, kind, {**plain, "custom": custom})
        own = shown.pop("custom")
        sides.append(
            {
                "record_id": record.pk,
                "title": record_kinds()[kind].title(Presented(actor, kind, record)),
                "owner": owners.get(record.owner_id, ""),
                "values": {**shown, **{f"custom.{key}": value for key, value in own.items()}},
            }
        )
    return {"fields": differing, "records": sides}


def read_field(record: Any, name: str) -> Any:
    """Return the value of a field of a record, of the tenant's own too."""
    return record.custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else getattr(record, name)
