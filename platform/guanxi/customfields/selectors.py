"""Reads custom fields, layouts and who holds a unique value."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import QuerySet

from guanxi.access import Actor, require
from guanxi.common.errors import NotFound
from guanxi.customfields.models import CustomField, CustomUnique, CustomValue, RecordLayout
from guanxi.customfields.types import is_empty
from guanxi.tenancy import require_tenant

MAX_RECORDS_OF_A_FILE = 20


_remembered: ContextVar[dict[tuple[str, str], list[CustomField]] | None] = ContextVar(
    "guanxi_custom_fields", default=None
)


@contextmanager
def remembered_definitions() -> Iterator[None]:
    """Read the fields of a kind once inside: for one write, or for many in one transaction, as a chunk of an import."""
    if _remembered.get() is not None:
        yield
        return
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def definitions_of(kind: str) -> list[CustomField]:
    """Return the fields of a kind that are in use, in their order."""
    memory = _remembered.get()
    place = (require_tenant().schema, kind)
    if memory is not None and place in memory:
        return memory[place]
    fields = list(CustomField.objects.filter(kind=kind, archived_at__isnull=True).order_by("position", "id"))
    if memory is not None:
        memory[place] = fields
    return fields


def visible_fields(actor: Actor, kind: str = "", *, archived: bool = False) -> QuerySet[CustomField]:
    """Return the fields for whoever sets them up, those that were put away when `archived`."""
    require(actor, "custom_field.manage")
    rows = CustomField.objects.filter(archived_at__isnull=not archived).order_by("kind", "position", "id")
    return rows.filter(kind=kind) if kind else rows


def access_field(actor: Actor, field_id: int, *, lock: bool = False) -> CustomField:
    """Return a field for whoever sets them up; raise NotFound when there is none."""
    require(actor, "custom_field.manage")
    rows = CustomField.objects.select_for_update() if lock else CustomField.objects.all()
    field = rows.filter(pk=field_id).first()
    if field is None:
        raise NotFound("custom_field", field_id)
    return field


def holder_of(field: CustomField, key: str) -> int | None:
    """Return the record that holds a unique value."""
    return CustomUnique.objects.filter(field=field, value=key).values_list("record_id", flat=True).first()


def records_with_file(file_id: int) -> list[tuple[str, int]]:
    """Return the records that name a file in a custom field, as kind and id."""
    rows = CustomValue.objects.filter(field__type="file", number=file_id)
    return list(rows.values_list("field__kind", "record_id")[:MAX_RECORDS_OF_A_FILE])


def layout_of(kind: str, roles: tuple[str, ...] = ()) -> RecordLayout | None:
    """Return the layout of a kind for somebody with these roles: the first role's own, else everybody's."""
    rows = {row.role: row for row in RecordLayout.objects.filter(kind=kind, role__in=["", *roles])}
    return next((rows[role] for role in (*roles, "") if role in rows), None)


def is_shown(field: CustomField, custom: Mapping[str, Any], standard: Mapping[str, Any]) -> bool:
    """Return whether a field's condition holds for a record, true without one."""
    rule = field.show_when
    if not rule:
        return True
    name = str(rule.get("field", ""))
    value = custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else standard.get(name)
    wanted = rule.get("value")
    if rule.get("op") in {"empty", "not_empty"}:
        return is_empty(value) is (rule["op"] == "empty")
    several = wanted if isinstance(wanted, list) else [wanted]
    held = any(_same(one, part) for one in several for part in (value if isinstance(value, list) else [value]))
    return held is not (rule.get("op") == "ne")


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left is not None and right is not None and str(left) == str(right))
