"""Finds what is in the base already: everywhere in the tenant, told as the actor may know it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from crm.duplicates.keys import Keys, keys_of_values, name_of, values_of
from crm.duplicates.matching.names import LIKELY, likeness
from crm.duplicates.models import (
    DuplicateKey,
    DuplicateMerge,
    DuplicatePair,
    DuplicateRule,
    MergedRecord,
    TransferRequest,
)
from crm.duplicates.types import Entry, Match, Rule, protections, subjects
from crm.records.modes import Presented
from crm.records.registry import record_kind, record_kinds
from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound
from tenants.members.selectors import member_names, subject_names

Sort = DuplicateKey.Sort
SCORES = {Sort.PHONE: 1.0, Sort.TAX: 1.0, Sort.EMAIL: 0.95, Sort.WECHAT: 0.95}
MAX_ROWS = 200
MAX_MATCHES = 10
Found = dict[tuple[str, int], dict[str, float]]

DEFAULT_SORTS = (Sort.PHONE, Sort.TAX, Sort.EMAIL)
DEFAULT_ACTIONS = {
    Entry.MANUAL: DuplicateRule.Action.WARN,
    Entry.API: DuplicateRule.Action.ALLOW,
    Entry.IMPORT: DuplicateRule.Action.ALLOW,
    Entry.CHANNEL: DuplicateRule.Action.ALLOW,
}


def raw_matches(
    kind: str,
    values: Mapping[str, Any],
    *,
    exclude: tuple[str, int] | None = None,
    sorts: Iterable[str] | None = None,
) -> tuple[Found, dict[tuple[str, int], Any]]:
    """Return (kind, id) → sort → score of what agrees with the values, and the records, whoever may see them."""
    subject = subjects()[kind]
    wanted = keys_of_values(kind, values)
    if sorts is not None:
        chosen = set(sorts)
        wanted = {key: variants for key, variants in wanted.items() if key[0] in chosen}
    if not wanted:
        return {}, {}
    rows = DuplicateKey.objects.filter(_same(wanted), kind__in=subject.against).order_by("-pk")
    if exclude is not None:
        rows = rows.exclude(kind=exclude[0], record_id=exclude[1])
    candidates: dict[tuple[str, int], set[str]] = {}
    for found_kind, record_id, sort in rows.values_list("kind", "record_id", "sort")[:MAX_ROWS]:
        candidates.setdefault((found_kind, record_id), set()).add(sort)
    candidates = _as_winners(candidates)
    if exclude is not None:
        candidates.pop(exclude, None)
    records = _records(candidates)
    name = name_of(subject, values)
    found: Found = {}
    for key, agreeing in candidates.items():
        if key in records:
            scores = _scores(key[0], records[key], agreeing, name)
            if scores:
                found[key] = scores
    return found, records


def _as_winners(candidates: dict[tuple[str, int], set[str]]) -> dict[tuple[str, int], set[str]]:
    """Tell what meets a record that was merged away as what it was merged into."""
    ids = {record_id for _, record_id in candidates}
    rows = MergedRecord.objects.filter(record_id__in=ids).values_list("kind", "record_id", "merged_into_id")
    gone = {(kind, record_id): (kind, winner) for kind, record_id, winner in rows}
    found: dict[tuple[str, int], set[str]] = {}
    for key, sorts in candidates.items():
        found.setdefault(gone.get(key, key), set()).update(sorts)
    return found


def _same(wanted: Keys) -> Q:
    condition = Q(pk__in=[])
    by_sort: dict[str, list[str]] = {}
    for sort, value in wanted:
        if sort != Sort.NAME:
            by_sort.setdefault(sort, []).append(value)
    for sort, values in by_sort.items():
        condition |= Q(sort=sort, value__in=values)
    for (sort, _), variants in wanted.items():
        if sort == Sort.NAME:
            condition |= Q(variants__overlap=variants)
    return condition


def _records(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    ids: dict[str, list[int]] = {}
    for kind, record_id in keys:
        ids.setdefault(kind, []).append(record_id)
    return {
        (kind, record.pk): record
        for kind, wanted in ids.items()
        for record in record_kind(kind).model._default_manager.filter(pk__in=wanted)
        if subjects()[kind].counts(record)
    }


def _scores(kind: str, record: Any, agreeing: set[str], name: str) -> dict[str, float]:
    scores = {sort: SCORES[Sort(sort)] for sort in agreeing if sort != Sort.NAME}
    if Sort.NAME in agreeing:
        like = likeness(name, name_of(subjects()[kind], values_of(kind, record)))
        if like >= LIKELY:
            scores[Sort.NAME.value] = like
    return scores


def find_duplicates(
    actor: Actor,
    kind: str,
    values: Mapping[str, Any],
    exclude: tuple[str, int] | None = None,
    *,
    sorts: Iterable[str] | None = None,
) -> list[Match]:
    """Return what in the tenant agrees with the values, likeliest first; the actor's scope does not limit it, it limits
    what is told of each.
    """
    if kind not in subjects():
        raise NotFound("record kind", kind)
    found, records = raw_matches(kind, values, exclude=exclude, sorts=sorts)
    best = sorted(found, key=lambda key: (-max(found[key].values()), records[key].archived_at is not None, key))
    return _described(actor, {key: found[key] for key in best[:MAX_MATCHES]}, records)


def _described(actor: Actor, found: Found, records: Mapping[tuple[str, int], Any]) -> list[Match]:
    ids: dict[str, list[int]] = {}
    for kind, record_id in found:
        ids.setdefault(kind, []).append(record_id)
    visible = {
        (kind, pk)
        for kind, wanted in ids.items()
        if actor.is_unbounded or allows(actor, f"{kind}.read")
        for pk in record_kind(kind).visible(actor).filter(pk__in=wanted).values_list("pk", flat=True)
    }
    owners = member_names(records[key].owner_id for key in found)
    units = {key: records[key].owner_department_path.strip("/").rpartition("/")[2] for key in found}
    departments = subject_names({f"department:{unit}" for unit in units.values() if unit})
    kept = {(kind, pk): until for kind, wanted in ids.items() for pk, until in protections(kind, wanted).items()}
    return [
        Match(
            kind=key[0],
            record_id=key[1],
            score=round(max(scores.values()), 2),
            sorts=tuple(sorted(scores)),
            visible=key in visible,
            title=_title(actor, key[0], records[key]) if key in visible else "",
            owner=owners.get(records[key].owner_id, ""),
            department=departments.get(f"department:{units[key]}", ""),
            archived=records[key].archived_at is not None,
            protected_until=kept.get(key),
        )
        for key, scores in found.items()
    ]


def _title(actor: Actor, kind: str, record: Any) -> str:
    return record_kinds()[kind].title(Presented(actor, kind, record))


def rule_for(kind: str, entry: str) -> Rule:
    """Return what happens when a new record of a kind that comes by an entry is known already."""
    row = DuplicateRule.objects.filter(kind=kind, entry=entry).first()
    return _rule(kind, entry, row)


def _rule(kind: str, entry: str, row: DuplicateRule | None) -> Rule:
    if row is None:
        return Rule(kind, entry, DEFAULT_ACTIONS[Entry(entry)].value, tuple(map(str, DEFAULT_SORTS)), False, True)
    return Rule(kind, entry, row.action, tuple(row.sorts), row.joins, row.requests, row.version)


def all_rules() -> list[Rule]:
    """Return the rules of every kind and entry, also those that nobody has changed."""
    rows = {(row.kind, row.entry): row for row in DuplicateRule.objects.all()}
    return [_rule(kind, entry.value, rows.get((kind, entry.value))) for kind in subjects() for entry in Entry]


def visible_requests(actor: Actor) -> QuerySet[TransferRequest]:
    """Return the requests that one made, and those that one may answer."""
    if actor.is_unbounded or allows(actor, "duplicate.manage"):
        return TransferRequest.objects.all()
    own = sorted(actor.self_ids)
    return TransferRequest.objects.filter(Q(by_id__in=own) | Q(asked_id__in=own) | Q(manager_id__in=own))


def access_request(actor: Actor, request_id: int, *, lock: bool = False) -> TransferRequest:
    """Return a request that the actor may see; raise NotFound otherwise."""
    rows = visible_requests(actor).filter(pk=request_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound("transfer_request", request_id)
    return found


def suspected_pairs(actor: Actor, *, state: str = "open", kind: str = "") -> QuerySet[DuplicatePair]:
    """Return the pairs both of which the actor may see."""
    pairs = DuplicatePair.objects.filter(state=state)
    if kind:
        pairs = pairs.filter(kind=kind)
    reachable = Q(pk__in=[])
    kinds = [name for name in subjects() if actor.is_unbounded or allows(actor, f"{name}.read")]
    for one in kinds:
        for other in kinds:
            reachable |= Q(
                kind=one,
                other_kind=other,
                record_id__in=record_kind(one).visible(actor).order_by().values("pk"),
                other_id__in=record_kind(other).visible(actor).order_by().values("pk"),
            )
    return pairs.filter(reachable)


def visible_merges(actor: Actor, *, kind: str = "", record_id: int | None = None) -> QuerySet[DuplicateMerge]:
    """Return the merges whose winner the actor may see; of one record, those that it won or went away in."""
    reachable = Q(pk__in=[])
    for name in subjects():
        if actor.is_unbounded or allows(actor, f"{name}.read"):
            reachable |= Q(kind=name, winner_id__in=record_kind(name).visible(actor).order_by().values("pk"))
    rows = DuplicateMerge.objects.filter(reachable)
    if kind:
        rows = rows.filter(kind=kind)
    if record_id is not None:
        rows = rows.filter(Q(winner_id=record_id) | Q(loser_ids__contains=[record_id]))
    return rows
