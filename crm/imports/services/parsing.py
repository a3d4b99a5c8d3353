"""Makes records-to-be of rows: each cell through the converter of its field, then the rules of the whole row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.imports.columns.converting import CellFault, converter_of, past_moment, text_of
from crm.imports.columns.people import Members
from crm.imports.columns.targets import CONTACT_PREFIX, TIMES, Target, option_words, targets_of
from crm.imports.columns.words import catalogue
from crm.imports.types import Options, Row
from crm.records.fields import FieldType
from crm.records.hooks import clean_record
from guanxi.access import Actor, allows
from guanxi.common.errors import Invalid, Problem
from tenants.members.selectors import active_member_ids

REACHES_A_LEAD = ("name", "company", "phone", "email", "wechat")
LATER = frozenset({FieldType.RELATION, FieldType.DEPARTMENT})


class Parser:
    """Parses the rows of one import; made once, it keeps what all rows need."""

    def __init__(self, actor: Actor, kind: str, mapping: Sequence[str], options: Options) -> None:
        self.actor, self.kind, self.options = actor, kind, options
        self.members = Members()
        targets = targets_of(actor, kind)
        self.columns = [(at, targets[name]) for at, name in enumerate(mapping) if name in targets]
        self._converters = {target.name: self._converter(target) for _, target in self.columns}
        self._mapped = {target.name for _, target in self.columns}
        self._required = [
            target.name
            for target in targets.values()
            if target.field.required and not target.name.startswith(CONTACT_PREFIX)
        ]
        self._may_assign = allows(actor, f"{kind}.assign")
        self._turn = 0

    def _converter(self, target: Target) -> Callable[[Any], Any]:
        if target.field.type is FieldType.MEMBER:
            return self.members
        if target.field.type in LATER:
            return text_of
        words = option_words(target.kind, target.field.name)
        convert = converter_of(target.field, zone=self.actor.timezone, words=words)
        if target.name in TIMES:
            return lambda cell: past_moment(convert(cell))
        return convert

    def parse(self, number: int, cells: Sequence[Any]) -> Row:
        """Return the row with its values, and with what is wrong with it."""
        row = Row(number, [text_of(cell) for cell in cells])
        for at, target in self.columns:
            if not row.cells[at]:
                continue
            try:
                value = self._converters[target.name](cells[at])
            except CellFault as fault:
                row.fault(target.name, fault.code)
                continue
            if target.name.startswith(CONTACT_PREFIX):
                row.contact[target.field.name] = value
            else:
                row.values[target.name] = value
        self._check(row)
        return row

    def _check(self, row: Row) -> None:
        faulty = {problem.column for problem in row.problems}
        for name in self._required:
            if name not in faulty and row.values.get(name) in (None, "") and "id" not in row.values:
                row.fault(name, "required")
        if row.contact and not row.contact.get("name"):
            # A phone without a name is still somebody.
            row.contact["name"] = row.values.get("name", "") or next(iter(row.contact.values()))
        if self.kind == "lead" and not faulty and not any(row.values.get(name) for name in REACHES_A_LEAD):
            row.fault("", "no_person")
        owner_id = row.values.get("owner_id", self.actor.member_id)
        if owner_id != self.actor.member_id and not self._may_assign:
            row.fault("owner_id", "not_allowed")
        if row.values.get("state") == "converted":
            row.fault("state", "unknown_choice")

    def fields_of(self, row: Row) -> dict[str, Any]:
        """Return what goes into the columns of a record; custom values stand together."""
        values: dict[str, Any] = {}
        for name, value in row.values.items():
            if name.startswith("custom."):
                values.setdefault("custom", {})[name.removeprefix("custom.")] = plain_json(value)
            elif name not in {"id", "owner_id", "state", "stage_id", "pipeline_id", *TIMES}:
                values[name] = value
        return values

    def clean_new(self, row: Row) -> dict[str, Any]:
        """Return the values of a new record after every concern had its say; the row gets the fault of a refusal."""
        values = self.fields_of(row)
        if self.options.source and not values.get("source"):
            values["source"] = self.options.source
        if self.options.tags:
            values["tags"] = list(dict.fromkeys([*values.get("tags", []), *self.options.tags]))
        cleaned = self.cleaned(row, self.kind, values)
        if row.contact:
            row.contact = self.cleaned(row, "contact", row.contact, prefix=CONTACT_PREFIX)
        return cleaned

    def cleaned(
        self, row: Row, kind: str, values: dict[str, Any], *, record: Any = None, prefix: str = ""
    ) -> dict[str, Any]:
        """Return the values as the concerns of all records want them; a refusal becomes a fault of the row."""
        try:
            return clean_record(self.actor, kind, values, record=record)
        except Problem as problem:
            note_refusal(row, problem, prefix)
            return values

    def owner_of(self, row: Row) -> int | None:
        """Return whose a new record becomes."""
        if (owner_id := row.values.get("owner_id")) is not None:
            return int(owner_id)
        if self.options.owner_rule == "nobody":
            return None
        if self.options.owner_rule == "turns" and self.options.owner_ids:
            return self.options.owner_ids[row.number % len(self.options.owner_ids)]
        return self.actor.member_id


def note_refusal(row: Row, problem: Problem, prefix: str = "") -> None:
    """Note what a service refused as the fault of the cells that it names."""
    fields: Mapping[str, str] = problem.fields or {}
    known = catalogue("en")["errors"]
    for name, code in fields.items():
        vague = "custom_invalid" if name.startswith("custom") else "refused"
        row.fault(f"{prefix}{name}", code if code in known else vague)
    if not fields:
        row.fault("", "refused")


def plain_json(value: Any) -> Any:
    """Return a value as a custom field keeps it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if type(value).__name__ == "Decimal" else value


def check_mapping(actor: Actor, kind: str, mapping: Sequence[str], options: Options) -> None:
    """Raise Invalid for a mapping that names what cannot be filled, a target twice, or a key that no column has."""
    targets = targets_of(actor, kind)
    used = [name for name in mapping if name]
    if unknown := [name for name in used if name not in targets]:
        raise Invalid(
            "unknown_target", "This cannot be filled.", fields={"mapping": "unknown"}, params={"name": unknown[0]}
        )
    if len(set(used)) != len(used):
        raise Invalid("target_twice", "Two columns go to the same place.", fields={"mapping": "repeated"})
    if not used:
        raise Invalid("mapping_empty", "No column goes anywhere.", fields={"mapping": "missing"})
    for key in options.match_keys:
        if key not in used or not targets[key].is_key:
            raise Invalid("match_key_unmapped", "No column holds this key.", fields={"match_keys": "unknown"})
    needed = [
        target.name
        for target in targets.values()
        if target.field.required and not target.name.startswith(CONTACT_PREFIX)
    ]
    if "id" not in options.match_keys and (missing := [name for name in needed if name not in used]):
        raise Invalid(
            "required_unmapped",
            "A needed column is missing.",
            fields={"mapping": "missing"},
            params={"name": missing[0]},
        )
    if set(active_member_ids(options.owner_ids)) != set(options.owner_ids):
        raise Invalid("unknown_member", "An owner is not at work here.", fields={"owner_ids": "unknown"})
    if options.owner_rule == "turns" and not options.owner_ids:
        raise Invalid("owners_missing", "Name who gets the records.", fields={"owner_ids": "missing"})
