"""Shows the values of records in a table, with names for ids and masks where the reader's roles want them."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from crm.imports.columns.targets import CUSTOMER_OF_CONTACT, ID, mode_of, option_words
from crm.imports.columns.words import catalogue, choice_word, label_of
from crm.records.fields import FieldType, RecordField, fields_of
from crm.records.modes import mask
from crm.records.registry import record_kinds
from guanxi.access import Actor, FieldMode
from guanxi.common.errors import Invalid
from tenants.members.selectors import visible_members

Show = Callable[[Any], Any]
NEVER = frozenset({FieldType.FILE})


def columns_of(*, actor: Actor, kind: str) -> dict[str, RecordField]:
    """Return what the actor may take out, by name; hidden fields are left out."""
    fields = {"id": ID, **fields_of(kind)}
    if kind == "contact":
        fields["customer_id"] = CUSTOMER_OF_CONTACT
    return {
        name: field
        for name, field in fields.items()
        if field.type not in NEVER and mode_of(actor, kind, name) is not FieldMode.HIDDEN
    }


def chosen_columns(actor: Actor, kind: str, names: Sequence[str]) -> list[RecordField]:
    """Return the chosen columns in their order; raise Invalid for one that the actor may not take out."""
    known = columns_of(actor=actor, kind=kind)
    if unknown := [name for name in names if name not in known]:
        raise Invalid(
            "unknown_column", "There is no such column.", fields={"columns": "unknown"}, params={"name": unknown[0]}
        )
    if not names:
        raise Invalid("columns_missing", "Choose a column.", fields={"columns": "missing"})
    return [known[name] for name in dict.fromkeys(names)]


def header(locale: str, kind: str, field: RecordField) -> str:
    """Return a column's header."""
    return field.label or label_of(locale, kind, field.name)


class Presenter:
    """Turns records into rows; made once for an export, it keeps the names of members."""

    def __init__(self, actor: Actor, kind: str, fields: Sequence[RecordField]) -> None:
        self._actor, self._kind = actor, kind
        self._zone = ZoneInfo(actor.timezone)
        members = visible_members(Actor.system("export"))
        self._members = dict(members.values_list("pk", "name"))
        self.headers = [header(actor.locale, kind, field) for field in fields]
        self._shows = [self._show(field) for field in fields]
        foreign = {f.name for f in record_kinds()[kind].model._meta.concrete_fields if f.is_relation}
        self.related = sorted({field.name.removesuffix("_id") for field in fields} & foreign - {"owner"})

    def row(self, record: Any) -> list[Any]:
        """Return a record's row."""
        return [show(record) for show in self._shows]

    def _show(self, field: RecordField) -> Show:
        read = _reader(field)
        if mode_of(self._actor, self._kind, field.name) is FieldMode.MASKED:
            return lambda record: mask(read(record))
        place = 2 if self._actor.locale == "en" else 1
        words = {option[0]: option[place] for option in option_words(self._kind, field.name)}
        plain: dict[FieldType, Callable[[Any], Any]] = {
            FieldType.MEMBER: lambda value: self._members.get(value, ""),
            FieldType.DATETIME: self._moment,
            FieldType.CHOICE: lambda value: (
                words.get(value) or choice_word(self._actor.locale, self._kind, field.name, value or "")
            ),
            FieldType.TAGS: lambda value: ",".join(value or ()),
            FieldType.CHOICES: lambda value: ",".join(words.get(one, one) for one in value or ()),
            FieldType.BOOLEAN: self._boolean,
        }
        change = plain.get(field.type)
        return (lambda record: _flat(read(record))) if change is None else (lambda record: change(read(record)))

    def _moment(self, value: Any) -> Any:
        return value.astimezone(self._zone).replace(tzinfo=None) if hasattr(value, "astimezone") else value

    def _boolean(self, value: Any) -> str:
        words = catalogue(self._actor.locale)["choices"]["boolean"]
        return "" if value is None else str(words["true" if value else "false"])


def _reader(field: RecordField) -> Show:
    if field.is_custom:
        key = field.name.removeprefix("custom.")
        return lambda record: record.custom.get(key)
    if field is CUSTOMER_OF_CONTACT:
        return lambda record: ",".join(link.customer.name for link in record.customer_links.all())
    if field.type is FieldType.RELATION:
        attribute = field.name.removesuffix("_id")
        return lambda record: getattr(getattr(record, attribute, None), "name", "")
    return lambda record: getattr(record, field.name)


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value) if isinstance(value, dict) else value
