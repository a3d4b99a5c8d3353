"""Field modes: what of a record a role hides, masks, only shows or lets change, on every way in and out.

Of several roles the strictest hide or mask wins (`Actor.field_modes` holds the result). Outputs go through `present`,
inputs through the hook `refuse_fields`, filters and orders through `require_filterable`, searches through `finding_q`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from crm.records.base import Record
from crm.records.fields import FieldType, RecordField, fields_of
from crm.records.hooks import RecordHook, register_hook
from crm.records.registry import record_kinds
from crm.records.search import search_q
from guanxi.access import Actor, FieldMode
from guanxi.common.errors import Invalid
from tenants.members.services import register_modes_check

CUSTOM = "custom."
STARS = "**"
TEXTS = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.PHONE, FieldType.EMAIL, FieldType.LINK}
# What no role can hide: a list without them is no list.
ALWAYS_SHOWN = {"name", "title", "owner_id"}
# Filters that bear another name than the field that they look at.
FILTERED = {
    "tag": "tags",
    "close_from": "expected_close_on",
    "close_to": "expected_close_on",
    "unassigned": "owner_id",
    "status": "stage_id",
}
# What is searched beside names, and the field that it belongs to.
PHONE_KEYS = ("p:",)
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def possible_modes(field: RecordField) -> list[FieldMode]:
    """Return which modes a field can have."""
    modes = [FieldMode.EDIT]
    if field.editable:
        modes.append(FieldMode.READ)
        if field.maskable or (field.is_custom and field.type in TEXTS):
            modes.append(FieldMode.MASKED)
        if field.name not in ALWAYS_SHOWN:
            modes.append(FieldMode.HIDDEN)
    return sorted(modes, reverse=True)


def is_possible_mode(kind: str, name: str, mode: FieldMode) -> bool:
    """Return whether a field of a kind is there and can have this mode."""
    field = fields_of(kind).get(name)
    return field is not None and mode in possible_modes(field)


def restricted_fields(actor: Actor, kind: str) -> dict[str, FieldMode]:
    """Return the fields of a kind that the actor does not see as they are."""
    if actor.is_unbounded:
        return {}
    return {name: mode for name, mode in actor.field_modes.get(kind, {}).items() if mode <= FieldMode.MASKED}


def is_hidden(actor: Actor, kind: str, name: str) -> bool:
    """Return whether the actor must not learn anything of a field, not even in a sum."""
    return actor.field_mode(kind, name) <= FieldMode.MASKED


def mask(value: Any) -> Any:
    """Return a value of which only the form is left: 138****0000, l***@example.com, 王**."""
    if value in _EMPTY:
        return value
    text = str(value)
    if "@" in text.strip("@"):
        name, _, domain = text.partition("@")
        return f"{name[:1]}***@{domain}"
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 7 and len(digits) >= len(text) - 4:
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"{digits[:2]}****{digits[-2:]}"
    return text[:1] + STARS


def present(actor: Actor, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's values as the actor may see them: a hidden one is None, a masked one only its form.

    Every way out uses it: the API, exports, history, search, the assistant.
    """
    shown = dict(values)
    for name, mode in restricted_fields(actor, kind).items():
        if name in shown:
            shown[name] = _shown(shown[name], mode)
        elif name.startswith(CUSTOM) and isinstance(shown.get("custom"), dict):
            shown["custom"] = _custom_shown(shown["custom"], name.removeprefix(CUSTOM), mode)
        elif name.endswith("_id") and name.removesuffix("_id") in shown:
            shown[name.removesuffix("_id")] = None
    return shown


def _shown(value: Any, mode: FieldMode) -> Any:
    return None if mode is FieldMode.HIDDEN else mask(value)


def _custom_shown(custom: dict[str, Any], key: str, mode: FieldMode) -> dict[str, Any]:
    if key not in custom:
        return custom
    rest = {name: value for name, value in custom.items() if name != key}
    return rest if mode is FieldMode.HIDDEN else {**rest, key: mask(custom[key])}


class Presented:
    """A record whose fields read as the actor may see them; for titles and subtitles."""

    def __init__(self, actor: Actor, kind: str, record: Any) -> None:
        self._record = record
        self._modes = restricted_fields(actor, kind)

    def __getattr__(self, name: str) -> Any:
        """Return the field's value, masked or empty where it must be."""
        value = getattr(self._record, name)
        mode = self._modes.get(name)
        if mode is None:
            return value
        return "" if mode is FieldMode.HIDDEN else mask(value)


# --- what comes in ---


def refuse_fields(actor: Actor, kind: str, record: Record | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that the actor sent back as it saw them; raise Invalid for fields that it may
    not change.
    """
    closed = {} if actor.is_unbounded else actor.field_modes.get(kind, {})
    closed = {name: mode for name, mode in closed.items() if mode is not FieldMode.EDIT}
    if not closed:
        return values
    kept, refused = dict(values), {}
    for name, mode in closed.items():
        if name in kept:
            if not _is_untouched(record, kind, name, kept[name]):
                refused[name] = mode.name.lower()
            del kept[name]
    if "custom" in kept:
        kept["custom"], wrong = _closed_custom(closed, record, dict(kept["custom"] or {}))
        refused |= wrong
    if refused:
        raise Invalid(
            "field_not_editable", "Your roles do not let you change these. Nothing was saved.", fields=refused
        )
    return kept


def _is_untouched(record: Record | None, kind: str, name: str, value: Any) -> bool:
    if record is None:
        field: Any = record_kinds()[kind].model._meta.get_field(name)
        return value in _EMPTY or value == field.get_default()
    return _is_same(value, getattr(record, name))


def _is_same(value: Any, stored: Any) -> bool:
    if value == stored or (value in _EMPTY and stored in _EMPTY):
        return True
    masked = mask(stored)
    # What was normalised on its way in has lost its stars.
    return value in _EMPTY or value in (masked, re.sub(r"[^\d+]", "", str(masked)))


def _closed_custom(
    closed: Mapping[str, FieldMode], record: Record | None, given: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    stored = {} if record is None else record.custom
    refused = {}
    for name, mode in closed.items():
        key = name.removeprefix(CUSTOM)
        if not name.startswith(CUSTOM):
            continue
        if key in given and not _is_same(given[key], stored.get(key)):
            refused[name] = mode.name.lower()
        given.pop(key, None)
        if key in stored:
            # Custom values are written as a whole: what the actor does not see must not be lost.
            given[key] = stored[key]
    return given, refused


def register() -> None:
    """Let every write pass `refuse_fields`, and roles name only fields and modes that are there."""
    register_hook(RecordHook("field_modes", clean=refuse_fields))
    register_modes_check(is_possible_mode)


# --- what is asked for ---


def require_filterable(actor: Actor, kind: str, filters: Mapping[str, Any]) -> None:
    """Raise Invalid("field_not_visible") when a filter or the order looks at a field that the actor does not see:
    the answer would tell it.
    """
    closed = restricted_fields(actor, kind)
    if not closed:
        return
    asked = {FILTERED.get(name, name) for name, value in filters.items() if value not in (*_EMPTY, False)}
    asked |= {part.strip().lstrip("-") for part in str(filters.get("order") or "").split(",")}
    refused = {name: mode.name.lower() for name, mode in closed.items() if name in asked}
    if refused:
        raise Invalid("field_not_visible", "Your roles do not show you these fields.", fields=refused)


def finding_q(actor: Actor, kind: str, text: str, *, field: str = "search_keys") -> Q:
    """Return the filter for records that match a text, by nothing that the actor does not see."""
    return search_q(text, field=field, without=hidden_sorts(actor, kind))


def hidden_sorts(actor: Actor, kind: str) -> tuple[str, ...]:
    """Return the sorts of search keys that the actor must not find by."""
    closed = restricted_fields(actor, kind)
    return PHONE_KEYS if "phone" in closed else ()


def any_restricted(actor: Actor, kinds: Iterable[str]) -> bool:
    """Return whether the actor sees less than everything of these kinds."""
    return any(restricted_fields(actor, kind) for kind in kinds)
