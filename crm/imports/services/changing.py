"""Brings rows into records that are there: what is empty is filled, or what the row has replaces what was."""

from collections.abc import Sequence
from typing import Any

from crm.customers.services.bulk import create_contacts
from crm.deals.services.finding import renew_keys_of_customer
from crm.imports.services.parsing import Parser
from crm.imports.types import OnMatch, Options, Row
from crm.records.bulk import BulkRow, change_many
from crm.records.registry import record_kind
from guanxi.access import Actor

EMPTY: tuple[Any, ...] = (None, "", [], {}, 0)


class Changes:
    """Changes the records of one chunk."""

    def __init__(self, actor: Actor, kind: str, options: Options, parser: Parser) -> None:
        self._actor, self._kind, self._options, self._parser = actor, kind, options, parser

    def apply(self, pairs: Sequence[tuple[Row, Any]]) -> tuple[list[dict[str, Any]], int, list[int]]:
        """Change locked records; return what must be known to undo it, how many had nothing new, and the ids of
        contacts that were added.
        """
        wanted = []
        for row, record in pairs:
            values = self._values(row, record)
            if not row.problems:
                wanted.append((row, record, values))
        changed = change_many(self._actor, self._kind, [(record, values) for _, record, values in wanted])
        told = []
        for _, record, _ in wanted:
            if record.pk in changed:
                before = {name: old for name, (old, _) in changed[record.pk].items()}
                told.append({"id": record.pk, "version": record.version, "before": _plain(before)})
                if self._kind == "customer" and "name" in before:
                    renew_keys_of_customer(customer_id=record.pk)
        contact_ids = self._add_contacts([(row, record) for row, record, _ in wanted if row.contact])
        return told, len(wanted) - len(told), contact_ids

    def _values(self, row: Row, record: Any) -> dict[str, Any]:
        values = self._parser.fields_of(row)
        values.pop("stage", None)
        if self._kind == "contact":
            values.pop("customer_id", None)
        if getattr(record, "amount_from_lines", False):
            values.pop("amount", None)
        if (owner_id := row.values.get("owner_id")) is not None:
            values |= {"owner_id": owner_id, "owner_department_path": self._parser.members.paths.get(owner_id, "")}
        if self._options.on_match is OnMatch.FILL:
            values = {name: value for name, value in values.items() if self._is_open(record, name)}
            if "custom" in values:
                values["custom"] = {k: v for k, v in values["custom"].items() if record.custom.get(k) in EMPTY}
        if self._options.tags:
            values["tags"] = [*values.get("tags", record.tags), *self._options.tags]
        if "tags" in values:
            values["tags"] = list(dict.fromkeys([*record.tags, *values["tags"]]))
        if values.get("parent_id") and _would_loop(record, values["parent_id"]):
            row.fault("parent_id", "refused")
        return self._parser.cleaned(row, self._kind, values, record=record)

    def _is_open(self, record: Any, name: str) -> bool:
        if name == "owner_department_path":
            return record.owner_id is None
        return name == "custom" or getattr(record, name) in EMPTY

    def _add_contacts(self, pairs: Sequence[tuple[Row, Any]]) -> list[int]:
        """Add the contact of a row to a customer that does not have it yet."""
        if not pairs:
            return []
        model = record_kind("contact").model._default_manager
        there = set()
        links = model.filter(customer_links__customer_id__in=[record.pk for _, record in pairs])
        for customer_id, name, phone in links.values_list("customer_links__customer_id", "name", "phone"):
            there |= {(customer_id, name), (customer_id, phone)}
        rows = []
        for row, record in pairs:
            known = row.contact.get("phone") or row.contact["name"]
            if (record.pk, known) not in there:
                row.contact = self._parser.cleaned(row, "contact", row.contact, prefix="contact.")
                rows.append(
                    BulkRow(row.contact, record.owner_id, record.owner_department_path, more={"customer": record})
                )
        return [contact.pk for contact in create_contacts(actor=self._actor, rows=rows)]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as JSON can keep them; a field's own `to_python` makes them whole again."""
    return {
        name: value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
        for name, value in values.items()
    }


def _would_loop(record: Any, parent_id: int) -> bool:
    manager = type(record)._default_manager
    above: int | None = parent_id
    seen = {record.pk}
    while above is not None:
        if above in seen:
            return True
        seen.add(above)
        above = manager.filter(pk=above).values_list("parent_id", flat=True).first()
    return False
