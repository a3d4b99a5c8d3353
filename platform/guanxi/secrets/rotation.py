"""Rotation: which columns hold sealed values, and sealing them again with the current key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction

from guanxi.secrets.sealing import is_current, reseal
from guanxi.tenancy import current_tenant

BATCH = 200


@dataclass(frozen=True)
class SealedColumn:
    """A column of a model whose non-empty values are sealed; `row` gives the row part that they were sealed with."""

    model: str
    column: str
    field: str
    row: Callable[[Any], str]
    public: bool = False


@dataclass(frozen=True)
class Resealer:
    """Work that seals again what stands in a form of its own."""

    run: Callable[[], int]
    public: bool


_columns: dict[tuple[str, str], SealedColumn] = {}
_resealers: dict[str, Resealer] = {}


def register_sealed_column(
    model: str,
    column: str,
    *,
    field: str,
    row: Callable[[Any], str] = lambda instance: str(instance.pk),
    public: bool = False,
) -> None:
    """Name a sealed column for rotation; `model` is `app_label.Model`, `public` says that its table stands in the
    public schema.
    """
    _columns[(model, column)] = SealedColumn(model, column, field, row, public)


def sealed_columns() -> list[SealedColumn]:
    """Return what is registered, in a stable order."""
    return [_columns[key] for key in sorted(_columns)]


def register_resealer(name: str, run: Callable[[], int], *, public: bool = False) -> None:
    """Name work of your own that seals again what no plain column holds, such as the values of a JSON column.

    It works in one schema, by `reseal`, and returns how many values changed.
    """
    _resealers[name] = Resealer(run, public)


def _reseal_column(column: SealedColumn) -> int:
    manager: models.Manager[Any] = apps.get_model(column.model)._default_manager
    pks = list(
        manager.exclude(**{column.column: ""})
        .exclude(**{f"{column.column}__isnull": True})
        .values_list("pk", flat=True)
    )
    changed = 0
    for start in range(0, len(pks), BATCH):
        with transaction.atomic():
            for instance in manager.select_for_update().filter(pk__in=pks[start : start + BATCH]):
                token = getattr(instance, column.column)
                if token and not is_current(token):
                    fresh = reseal(token, field=column.field, row=column.row(instance))
                    manager.filter(pk=instance.pk).update(**{column.column: fresh})
                    changed += 1
    return changed


def reseal_current_schema() -> dict[str, int]:
    """Seal every registered value of the current schema with the current key; return how many changed, by column."""
    in_public = current_tenant() is None
    changed = {f"{c.model}.{c.column}": _reseal_column(c) for c in sealed_columns() if c.public is in_public}
    return changed | {name: own.run() for name, own in sorted(_resealers.items()) if own.public is in_public}
