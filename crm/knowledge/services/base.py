"""What every write of the knowledge base shares: cleaning, the revision, the search keys, the event."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q

from crm.knowledge import events
from crm.knowledge.models import Article, Faq, KnowledgeBase, Piece
from crm.knowledge.types import LANGUAGES
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Invalid, VersionConflict
from guanxi.events.services import record_event
from guanxi.events.types import Audience

MAX_TAGS = 20


def clean_shared(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that FAQs and articles share, checked."""
    cleaned: dict[str, Any] = {}
    if values.get("language") is not None:
        if values["language"] not in LANGUAGES:
            raise Invalid(
                "language_unknown",
                "The language is zh, en or empty. Nothing was saved.",
                fields={"language": "invalid"},
            )
        cleaned["language"] = values["language"]
    if values.get("category") is not None:
        cleaned["category"] = " ".join(str(values["category"]).split())[:60]
    if values.get("tags") is not None:
        cleaned["tags"] = unique_texts(values["tags"])[:MAX_TAGS]
    for name in ("valid_from", "valid_until"):
        if name in values:
            cleaned[name] = values[name]
    return cleaned


def check_validity(piece: Piece) -> None:
    """Refuse a piece that would end before it begins."""
    if piece.valid_from and piece.valid_until and piece.valid_until < piece.valid_from:
        raise Invalid(
            "validity_reversed",
            "It would end before it begins. Nothing was saved.",
            fields={"valid_until": "before_start"},
        )


def unique_texts(texts: Iterable[str]) -> list[str]:
    """Return texts without blanks and repetitions, in order."""
    return list(dict.fromkeys(" ".join(str(text).split()) for text in texts if str(text).strip()))


def apply_changes(
    actor: Actor, piece: Faq | Article, kind: str, changes: Mapping[str, Any], *, version: int | None
) -> dict[str, Any]:
    """Set changed values on a locked row and audit them; return what really changed. The caller saves."""
    if version is not None and version != piece.version:
        raise VersionConflict(piece.version)
    before = snapshot(piece, list(changes))
    for name, value in changes.items():
        setattr(piece, name, value)
    changed = diff(before, snapshot(piece, list(changes)))
    if changed:
        piece.version += 1
        piece.updated_at, piece.updated_by_id = clock.now(), actor.member_id
        record_audit(actor=actor, action="update", kind=kind, record_id=piece.pk, changes=changed)
    return changed


def bump_revision(actor: Actor | None) -> int:
    """Say that what is published has become another; every index is built anew. The one row serialises writers."""
    KnowledgeBase.objects.get_or_create(pk=1)
    dated = Q(state="published") & (Q(valid_from__isnull=False) | Q(valid_until__isnull=False))
    has_dates = Faq.objects.filter(dated).exists() or Article.objects.filter(dated).exists()
    KnowledgeBase.objects.filter(pk=1).update(revision=F("revision") + 1, dated=has_dates, changed_at=clock.now())
    revision = KnowledgeBase.objects.values_list("revision", flat=True).get(pk=1)
    tell(actor, events.KNOWLEDGE_CHANGED, ("knowledge", 1), {"revision": revision})
    return int(revision)


def tell(actor: Actor | None, kind: str, aggregate: tuple[str, int], data: Mapping[str, Any] | None = None) -> None:
    """Record an event that everybody who reads knowledge may hear."""
    record_event(kind, actor=actor, aggregate=aggregate, data=dict(data or {}), audience=Audience(everyone=True))


def require_text(text: str, *, field: str, longest: int) -> str:
    """Return a text that is there and not too long."""
    text = text.strip()
    if not text:
        raise Invalid("text_missing", "A text is needed. Nothing was saved.", fields={field: "missing"})
    if len(text) > longest:
        raise Invalid(
            "text_too_long",
            f"At most {longest} characters. Nothing was saved.",
            fields={field: "too_long"},
            params={"longest": longest},
        )
    return text


def state_changes(piece: Piece, to: str) -> Sequence[str]:
    """Set the state; return the names of the columns that changed."""
    piece.state = to
    if to == Piece.State.PUBLISHED:
        piece.published_at = clock.now()
        return ("state", "published_at")
    return ("state",)
