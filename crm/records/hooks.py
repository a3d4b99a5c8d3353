"""Where what concerns every kind of record joins a write: field modes, custom fields, duplicate keys.

A service of a kind calls `clean_record` on the values it was given and `note_saved` when the row is saved
(`change_record` and `save_new` do the latter), so that a new concern reaches all kinds at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm.records.base import Record
from guanxi.access import Actor
from guanxi.customfields.selectors import remembered_definitions

Values = dict[str, Any]
Clean = Callable[[Actor, str, Record | None, Values], Values]
Saved = Callable[[Actor, str, Record, frozenset[str]], None]
SavedMany = Callable[[Actor, str, Sequence[Record], frozenset[str]], None]


@dataclass(frozen=True, slots=True)
class RecordHook:
    """A concern of all records.

    `clean(actor, kind, record, values)` returns the values to write, `record` being None for a new one, or raises
    Invalid; `saved(actor, kind, record, fields)` follows a saved row inside the same transaction, `fields` naming what
    changed (of a new record: every field). Both see a locked row. `saved_many(actor, kind, records, fields)` follows a
    chunk of an import in as few statements as it can; without it `saved` is called for each.
    """

    name: str
    clean: Clean | None = None
    saved: Saved | None = None
    saved_many: SavedMany | None = None


_hooks: dict[str, RecordHook] = {}


def register_hook(hook: RecordHook) -> None:
    """Register a concern; an app does it in its AppConfig.ready."""
    _hooks[hook.name] = hook


def clean_record(actor: Actor, kind: str, values: Values, *, record: Record | None = None) -> Values:
    """Return the values that may be written; raise Invalid for one that may not."""
    with remembered_definitions():
        for hook in _hooks.values():
            if hook.clean is not None:
                values = hook.clean(actor, kind, record, values)
    return values


def note_saved(actor: Actor, kind: str, record: Record, fields: Iterable[str]) -> None:
    """Let every concern follow a row that has been saved."""
    changed = frozenset(fields)
    with remembered_definitions():
        for hook in _hooks.values():
            if hook.saved is not None:
                hook.saved(actor, kind, record, changed)


def note_many_saved(actor: Actor, kind: str, records: Sequence[Record], fields: Iterable[str]) -> None:
    """Let every concern follow a chunk of rows that have been saved."""
    changed = frozenset(fields)
    for hook in _hooks.values():
        if hook.saved_many is not None:
            hook.saved_many(actor, kind, records, changed)
        elif hook.saved is not None:
            for record in records:
                hook.saved(actor, kind, record, changed)
