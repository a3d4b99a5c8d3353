"""Makes an empty table with the right headers, a line of hints and an example; imports pass over both."""

import io

from crm.imports.columns.targets import CONTACT_PREFIX, Target, targets_of
from crm.imports.columns.words import catalogue, choice_word, note
from crm.imports.services.checking import header_of
from crm.imports.services.common import require_kind
from crm.imports.sheets import open_writer
from crm.imports.sheets.reading import NOTE_SIGN
from crm.records.fields import FieldType
from guanxi.access import Actor

LEFT_OUT = frozenset({"id", "created_at", "updated_at", "last_activity_at", "parent_id", "state"})
HINTS = {
    FieldType.PHONE: "hint_phone",
    FieldType.EMAIL: "hint_email",
    FieldType.LINK: "hint_link",
    FieldType.DATE: "hint_date",
    FieldType.DATETIME: "hint_datetime",
    FieldType.MONEY: "hint_money",
    FieldType.NUMBER: "hint_number",
    FieldType.INTEGER: "hint_number",
    FieldType.BOOLEAN: "hint_boolean",
    FieldType.TAGS: "hint_tags",
    FieldType.MEMBER: "hint_member",
    FieldType.RELATION: "hint_relation",
}


def make_template(*, actor: Actor, kind: str, format_: str, locale: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a template with the tenant's own fields."""
    require_kind(actor, kind, "import")
    targets = [target for target in targets_of(actor, kind).values() if target.name not in LEFT_OUT]
    headers = [header_of(locale, kind, target.name) + ("*" if _needed(target) else "") for target in targets]
    buffer = io.BytesIO()
    writer = open_writer(format_, buffer, headers)
    hints = [_hint(locale, target) for target in targets]
    examples = [_example(locale, target) for target in targets]
    writer.write([f"{NOTE_SIGN} {hints[0]}", *hints[1:]])
    writer.write([f"{NOTE_SIGN} {examples[0]}", *examples[1:]])
    writer.close([])
    name = note(locale, "template_name", kind=catalogue(locale)["kinds"][kind])
    return f"{name}.{format_}", buffer.getvalue()


def _needed(target: Target) -> bool:
    return target.field.required and not target.name.startswith(CONTACT_PREFIX)


def _hint(locale: str, target: Target) -> str:
    field = target.field
    if field.choices:
        words = [choice_word(locale, target.kind, field.name, choice) for choice in field.choices]
        hint = note(locale, "hint_choice", choices=" / ".join(words))
    elif field.name in {"stage_id", "pipeline_id"}:
        hint = note(locale, "hint_stage")
    else:
        hint = note(locale, HINTS.get(field.type, "hint_text"))
    return f"{note(locale, 'hint_required')}; {hint}" if _needed(target) else hint


def _example(locale: str, target: Target) -> str:
    examples = catalogue(locale)["examples"]
    if target.field.choices:
        return choice_word(locale, target.kind, target.field.name, target.field.choices[0])
    return str(examples.get(f"{target.kind}.{target.field.name}") or examples.get(target.field.name, ""))
