"""Every column of a tenant's tables that points at a record: read from the models, so that none is forgotten.

Foreign keys to the kind's model, pairs of a kind and an id, and plain ids named after the kind. A table whose rows are
the record's own past, or are derived from it, is named in `STAYS` with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import models

from crm.records.registry import record_kind

PAIRS = (("record_kind", "record_id"), ("kind", "record_id"), ("other_kind", "other_id"))
STAYS = {
    "audit.AuditEntry": "the history of each record is its own, and append-only",
    "records.StateChange": "the steps of each record are its own",
    "records.BulkRow": "what a bulk edit did to that record",
    "realtime.LiveEvent": "what was told",
    "pools.PoolMove": "the ledger is append-only",
    "pools.PoolEntry": "the loser's place; an archived record is not shown in it",
    "pools.Holding": "the loser's protection",
    "handover.HandoverItem": "what was handed over then",
    "duplicates.DuplicateKey": "derived from the record; what meets a loser is told as its winner",
    "duplicates.DuplicatePair": "closed by the merge itself",
    "duplicates.MergedRecord": "where merged records went",
    "customfields.CustomValue": "the record's own values",
    "customfields.CustomUnique": "the record's own values",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that points at records of a kind; `kind_column` is empty where it can point at no other kind."""

    model: type[models.Model]
    column: str
    kind_column: str = ""

    @property
    def name(self) -> str:
        """Return the column's name for the merge's row."""
        return f"{self.model._meta.label}.{self.column}"


def tenant_models() -> Iterator[type[models.Model]]:
    """Yield the tables that each tenant has of its own."""
    for model in apps.get_models():
        if model.__module__.rpartition(".models")[0] in set(settings.TENANT_APPS):
            yield model


def columns_of(model: type[models.Model], kind: str) -> Iterator[Reference]:
    """Yield the columns of a table that can point at a kind."""
    target = record_kind(kind).model
    names = {field.name for field in model._meta.concrete_fields}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            if field.related_model is target:
                yield Reference(model, field.attname)
        elif field.name == f"{kind}_id":
            yield Reference(model, field.name)
    for kind_column, column in PAIRS:
        # Of an activity `kind` is a call or a visit, `record_kind` what it is of.
        if {kind_column, column} <= names and not (kind_column == "kind" and "record_kind" in names):
            yield Reference(model, column, kind_column)


def references_to(kind: str) -> list[Reference]:
    """Return the columns that a merge of a kind moves."""
    return [
        reference
        for model in tenant_models()
        if model._meta.label not in STAYS
        for reference in columns_of(model, kind)
    ]
