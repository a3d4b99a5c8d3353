"""What a column of a table can go into: the fields of a kind, of its first contact, and who it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm.records.fields import FieldType, RecordField, fields_of
from guanxi.access import Actor, FieldMode, allows
from guanxi.customfields.selectors import definitions_of

KINDS = ("customer", "contact", "lead", "deal")
# The first contact stands in the same row as its customer, and a customer's name beside its contact.
CONTACT_PREFIX = "contact."
FIRST_CONTACT = ("name", "title", "phone", "email", "wechat")
# Fields that forms do not change, and that a table may tell all the same.
TOLD = frozenset({"owner_id", "created_at", "updated_at", "last_activity_at", "pipeline_id", "stage_id", "state"})
TIMES = frozenset({"created_at", "updated_at", "last_activity_at"})
KEEP_TIMES = "data.keep_times"
NEVER = frozenset({FieldType.FILE, FieldType.FORMULA, FieldType.AUTO_NUMBER})
ID = RecordField("id", FieldType.INTEGER, editable=False)
CUSTOMER_OF_CONTACT = RecordField("customer_id", FieldType.RELATION, relation="customer")
KEYS = {
    "customer": ("id", "name", "phone", "email"),
    "contact": ("id", "phone", "email", "wechat", "name"),
    "lead": ("id", "phone", "email", "wechat", "company"),
    "deal": ("id", "name"),
}
KEY_TYPES = frozenset({FieldType.TEXT, FieldType.PHONE, FieldType.EMAIL, FieldType.LINK, FieldType.INTEGER})


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a column can go to; `kind` is whose field it is."""

    name: str
    kind: str
    field: RecordField

    @property
    def is_key(self) -> bool:
        """Return whether rows can be matched with records by it."""
        if self.name.startswith(CONTACT_PREFIX):
            return False
        return self.field.name in KEYS[self.kind] or (self.field.is_custom and self.field.type in KEY_TYPES)


def targets_of(actor: Actor, kind: str) -> dict[str, Target]:
    """Return where columns can go, by name, in the order in which to show them."""
    return {target.name: target for target in _targets(actor, kind)}


def _targets(actor: Actor, kind: str) -> Iterator[Target]:
    for field in fields_of(kind).values():
        if _may_fill(actor, kind, field):
            yield Target(field.name, kind, field)
    if kind == "customer" and allows(actor, "contact.create"):
        fields = fields_of("contact")
        for name in FIRST_CONTACT:
            if _may_fill(actor, "contact", fields[name]):
                yield Target(f"{CONTACT_PREFIX}{name}", "contact", fields[name])
    if kind == "contact":
        yield Target("customer_id", kind, CUSTOMER_OF_CONTACT)
    yield Target("id", kind, ID)


def _may_fill(actor: Actor, kind: str, field: RecordField) -> bool:
    if not field.importable or field.type in NEVER or not (field.editable or field.name in TOLD):
        return False
    if field.name in TIMES and not allows(actor, KEEP_TIMES):
        return False
    return mode_of(actor, kind, field.name) is FieldMode.EDIT


def mode_of(actor: Actor, kind: str, name: str) -> FieldMode:
    """Return what the actor may do with a field."""
    return actor.field_mode(kind, name)


def option_words(kind: str, name: str) -> list[tuple[str, str, str]]:
    """Return the options of a custom field as (id, label, label in English)."""
    if not name.startswith("custom."):
        return []
    key = name.removeprefix("custom.")
    field = next((field for field in definitions_of(kind) if field.key == key), None)
    options = field.options if field is not None else []
    return [(str(one["id"]), str(one["label"]), str(one.get("label_en") or one["label"])) for one in options]
