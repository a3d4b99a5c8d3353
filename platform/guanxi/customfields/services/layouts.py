"""Writes the layouts of record pages."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.customfields.events import LAYOUT_CHANGED
from guanxi.customfields.models import RecordLayout
from guanxi.customfields.ports import host_of
from guanxi.events.services import record_event
from guanxi.events.types import Audience

MAX_SECTIONS = 20
MANAGE = "custom_field.manage"


@transaction.atomic
def save_layout(
    *, actor: Actor, kind: str, role: str, sections: Sequence[dict[str, Any]], known: Collection[str]
) -> RecordLayout:
    """Keep how a kind's page is laid out, for everybody or for one role. `known` are the fields of the kind.

    Raises Invalid for a field that is unknown or stands twice.
    """
    require(actor, MANAGE)
    host_of(kind)
    layout, _ = RecordLayout.objects.update_or_create(
        kind=kind, role=role, defaults={"sections": _clean(sections, known), "updated_at": clock.now()}
    )
    record_audit(actor=actor, action="update", kind="record_layout", record_id=layout.pk)
    _tell(actor, layout)
    return layout


def _clean(sections: Sequence[dict[str, Any]], known: Collection[str]) -> list[dict[str, Any]]:
    if len(sections) > MAX_SECTIONS:
        raise _refusal("too_many_sections")
    cleaned: list[dict[str, Any]] = []
    seen: set[str] = set()
    for section in sections:
        fields = [str(name) for name in section.get("fields", [])]
        if seen & set(fields) or len(set(fields)) < len(fields):
            raise _refusal("field_twice")
        if set(fields) - set(known):
            raise _refusal("field_unknown")
        seen |= set(fields)
        cleaned.append(
            {
                "code": str(section.get("code", ""))[:40],
                "label": str(section.get("label", "")).strip()[:40],
                "label_en": str(section.get("label_en", "")).strip()[:40],
                "fields": fields,
            }
        )
    return cleaned


def _refusal(code: str) -> Invalid:
    return Invalid(code, "The layout cannot be kept. Nothing was saved.", fields={"sections": code})


@transaction.atomic
def reset_layout(*, actor: Actor, kind: str, role: str) -> None:
    """Return to the layout that a kind has by itself, or a role to everybody's."""
    require(actor, MANAGE)
    layout = RecordLayout.objects.filter(kind=kind, role=role).first()
    if layout is None:
        return
    record_audit(actor=actor, action="delete", kind="record_layout", record_id=layout.pk)
    _tell(actor, layout)
    layout.delete()


def _tell(actor: Actor, layout: RecordLayout) -> None:
    record_event(
        LAYOUT_CHANGED,
        actor=actor,
        aggregate=("record_layout", layout.pk),
        data={"kind": layout.kind, "role": layout.role},
        audience=Audience(everyone=True),
    )
