"""How a record's page is laid out before anybody has changed it, and what of a layout somebody sees."""

from typing import Any

from crm.records.fields import fields_of
from guanxi.access import Actor
from guanxi.customfields.selectors import layout_of

Section = dict[str, Any]
SYSTEM = ["created_at", "updated_at"]
# The sections that have their words in the page; what a tenant adds brings its own.
DEFAULT_LAYOUTS: dict[str, list[tuple[str, list[str]]]] = {
    "customer": [
        ("basic", ["name", "owner_id", "kind", "level", "industry", "source", "next_action_at", "description"]),
        ("reach", ["phone", "email", "province", "city", "address", "website"]),
    ],
    "contact": [
        ("basic", ["name", "title", "owner_id", "birthday", "source", "next_action_at", "description"]),
        ("reach", ["phone", "email", "wechat"]),
    ],
    "lead": [
        ("basic", ["name", "company", "title", "owner_id", "source", "score", "next_action_at"]),
        ("reach", ["phone", "email", "wechat", "city"]),
        ("need", ["need", "budget", "timing"]),
    ],
    "deal": [
        ("basic", ["name", "customer_id", "contact_id", "owner_id", "amount", "expected_close_on", "source"]),
        ("more", ["next_action_at", "lost_reason", "description"]),
    ],
}


def default_sections(kind: str) -> list[Section]:
    """Return the layout of a kind that stands in code; custom fields follow in a section of their own."""
    known = fields_of(kind)
    sections = [
        _section(code, [name for name in names if name in known]) for code, names in DEFAULT_LAYOUTS.get(kind, [])
    ]
    return [*sections, _section("custom", []), _section("system", SYSTEM)]


def _section(code: str, fields: list[str]) -> Section:
    return {"code": code, "label": "", "label_en": "", "fields": fields}


def sections_for(actor: Actor, kind: str, *, role: str | None = None) -> list[Section]:
    """Return the sections of a kind's page for an actor, or for one role while its layout is being edited.

    Fields that are gone are left out; custom fields that stand nowhere join the section `custom`, so that a new field
    is seen without touching the layout.
    """
    roles = actor.roles if role is None else (role,) if role else ()
    layout = layout_of(kind, roles)
    sections = [dict(section) for section in layout.sections] if layout else default_sections(kind)
    known = fields_of(kind)
    placed = {name for section in sections for name in section["fields"]}
    for section in sections:
        section["fields"] = [name for name in section["fields"] if name in known]
    rest = [name for name in known if name.startswith("custom.") and name not in placed]
    return _with_rest(sections, rest)


def _with_rest(sections: list[Section], rest: list[str]) -> list[Section]:
    if not rest:
        return sections
    for section in sections:
        if section["code"] == "custom":
            section["fields"] = [*section["fields"], *rest]
            return sections
    return [*sections, _section("custom", rest)]
