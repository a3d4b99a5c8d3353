"""What a record looked like, and what became different."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from guanxi.secrets.redaction import HIDDEN, is_secret_name


def snapshot(instance: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """Return the values of the named fields, a foreign key as its id, each in a form that JSON holds."""
    values = {}
    for name in fields:
        attribute = getattr(instance._meta.get_field(name), "attname", name)
        values[name] = to_plain(getattr(instance, attribute))
    return values


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return field → (old, new) for every field whose value differs; a field of one side alone is None on the other."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def to_plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers of money and moments as text, a model as its id."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [to_plain(item) for item in items]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def plain_changes(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Return changes as they are stored: `[old, new]`, and only the fact of a change where the field's name says that
    it is secret.
    """
    return {
        name: [HIDDEN, HIDDEN] if is_secret_name(name) else [to_plain(old), to_plain(new)]
        for name, (old, new) in changes.items()
    }
