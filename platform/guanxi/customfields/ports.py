"""What the packages above tell this one: which kinds of records take custom fields, and what a field may point at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from guanxi.access import Actor
from guanxi.common.errors import Invalid


@dataclass(frozen=True, slots=True)
class Host:
    """A kind of record that takes custom fields: its table, with a column `custom`, and the other fields that formulas
    and conditions may read, as name → type. `reference` lets relations point at it; `search_keys(record)` are the keys
    that it is found by, kept in its column `search_keys`.
    """

    kind: str
    model: type[Model]
    standard: Callable[[], Mapping[str, str]]
    reference: "Reference | None" = None
    search_keys: Callable[[Any], list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a field may point at. `reachable(actor, id)` tells whether the actor may name it, `titles(actor, ids)` how
    those that the actor may see are called.
    """

    kind: str
    reachable: Callable[[Actor, int], bool]
    titles: Callable[[Actor, Iterable[int]], Mapping[int, str]]


HostSource = Callable[[], Mapping[str, Host]]
_host_sources: list[HostSource] = []
_references: dict[str, Reference] = {}


def register_hosts(source: HostSource) -> None:
    """Register where the kinds of records that take custom fields come from; an app does it in its AppConfig.ready."""
    if source not in _host_sources:
        _host_sources.append(source)


def register_reference(reference: Reference) -> None:
    """Register something that a field may point at; an app does it in its AppConfig.ready."""
    _references[reference.kind] = reference


def hosts() -> dict[str, Host]:
    """Return the kinds that take custom fields."""
    found: dict[str, Host] = {}
    for source in _host_sources:
        found |= source()
    return found


def host_of(kind: str) -> Host:
    """Return a kind that takes custom fields; raise Invalid for another."""
    host = hosts().get(kind)
    if host is None:
        raise Invalid("kind_unknown", "There are no custom fields on this kind of record.", fields={"kind": "unknown"})
    return host


def reference_of(kind: str) -> Reference | None:
    """Return what a field points at, None when nobody knows it. A kind that takes custom fields may be pointed at."""
    return _references.get(kind) or (hosts()[kind].reference if kind in hosts() else None)


def relation_kinds() -> list[str]:
    """Return the kinds of records that a relation may point at."""
    return sorted(kind for kind, host in hosts().items() if host.reference is not None)


def standard_values(record: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of a record's own fields by name."""
    return {name: getattr(record, name, None) for name in names}
