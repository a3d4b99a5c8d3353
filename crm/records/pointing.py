"""What custom fields may point at: members, departments, files and records."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from crm.records.base import Record
from crm.records.fields import FieldType, standard_fields
from crm.records.registry import RecordKind, record_kind, record_kinds
from crm.records.search import searchables
from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound
from guanxi.customfields.ports import Host, Reference, reference_of, register_hosts, register_reference
from guanxi.customfields.selectors import definitions_of, records_with_file
from guanxi.customfields.types import REFERENCES, is_empty
from guanxi.customfields.values import reference_kind
from guanxi.files.purposes import Purpose, register_purpose
from guanxi.files.selectors import access_file
from tenants.members.selectors import active_member_ids, member_names, visible_departments

if TYPE_CHECKING:
    from guanxi.files.models import StoredFile

FILE_PURPOSE = "custom_field"
# What formulas and conditions may read of the fields that stand in code.
READABLE = {
    FieldType.TEXT, FieldType.LONG_TEXT, FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY, FieldType.DATE,
    FieldType.DATETIME, FieldType.BOOLEAN, FieldType.CHOICE, FieldType.PHONE, FieldType.EMAIL, FieldType.LINK,
}  # fmt: skip


def register() -> None:
    """Register what fields may point at, and the kinds of records that take custom fields."""
    register_hosts(_hosts)
    register_reference(Reference("member", lambda _, pk: bool(active_member_ids([pk])), _member_names))
    register_reference(Reference("department", _department_exists, _department_names))
    register_reference(Reference("file", _file_reachable, _file_names))
    register_purpose(Purpose(FILE_PURPOSE, access=_may_open, uploadable=True))


def references_of(actor: Actor, kind: str, record: Record) -> list[dict[str, Any]]:
    """Return what the custom fields of a record point at, by the names that the actor may see."""
    found = []
    for field in definitions_of(kind):
        value = record.custom.get(field.key)
        known = reference_of(reference_kind(field))
        if field.value_type not in REFERENCES or is_empty(value) or known is None:
            continue
        title = known.titles(actor, [value]).get(value)
        found.append({"field": field.name, "kind": reference_kind(field), "id": value, "title": title})
    return found


def _hosts() -> dict[str, Host]:
    return {name: _host(kind) for name, kind in record_kinds().items() if kind.operations is not None}


def _host(kind: RecordKind) -> Host:
    def reachable(actor: Actor, pk: int) -> bool:
        return kind.visible(actor).filter(pk=pk).exists()

    def titles(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
        return {record.pk: kind.title(record) for record in kind.visible(actor).filter(pk__in=list(ids))}

    found = searchables().get(kind.kind)
    return Host(
        kind.kind,
        kind.model,
        lambda: _readable(kind.kind),
        Reference(kind.kind, reachable, titles),
        found.keys_of if found else None,
    )


def _readable(kind: str) -> dict[str, str]:
    return {name: str(field.type) for name, field in standard_fields(kind).items() if field.type in READABLE}


def _member_names(_: Actor, ids: Iterable[int]) -> dict[int, str]:
    return member_names(ids)


def _department_exists(actor: Actor, pk: int) -> bool:
    return pk in _department_names(actor, [pk])


def _department_names(_: Actor, ids: Iterable[int]) -> dict[int, str]:
    # Which departments there are is known to everybody who works here.
    rows = visible_departments(Actor.system("names of departments"))
    return dict(rows.filter(pk__in=list(ids)).values_list("pk", "name"))


def _file_reachable(actor: Actor, pk: int) -> bool:
    try:
        access_file(actor, pk)
    except NotFound:
        return False
    return True


def _file_names(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    return {pk: access_file(actor, pk).name for pk in ids if _file_reachable(actor, pk)}


def _may_open(actor: Actor, stored: "StoredFile") -> bool:
    """Return whether the actor sees a record that names the file."""
    for kind, record_id in records_with_file(stored.pk):
        if allows(actor, f"{kind}.read") and record_kind(kind).visible(actor).filter(pk=record_id).exists():
            return True
    return False
