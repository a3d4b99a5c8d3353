"""Reads and writes the assistant's settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from bots.assistant import events
from bots.assistant.models import AssistantSettings
from bots.assistant.types import Rules
from bots.assistant.wording import sentence
from bots.llm.chat import check_model, model_resting
from bots.llm.types import ModelSettings, ModelUnavailable
from bots.retrieval.types import Thresholds
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Invalid, VersionConflict
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.secrets import SecretError, seal, unseal
from guanxi.tenancy import require_tenant

KEY_FIELD = "assistant.model_key"
ROW = "1"
FIELDS = [
    "enabled",
    "name",
    "tone",
    "caution",
    "sentences",
    "capture_leads",
    "max_asks",
    "hand_over_buyers",
    "model_enabled",
    "model_base_url",
    "model_name",
    "model_temperature",
    "model_timeout_seconds",
]
OWN_SENTENCES = ("greeting", "refusal", "handover.default", "ask.contact", "ask.consent")
MAX_SENTENCE = 500
# How far caution moves the bar of a direct answer.
_SHIFT = {
    AssistantSettings.Caution.EAGER: -0.08,
    AssistantSettings.Caution.BALANCED: 0.0,
    AssistantSettings.Caution.CAREFUL: 0.06,
}


def settings_row(*, lock: bool = False) -> AssistantSettings:
    """Return the one row, made when it is missing."""
    rows = AssistantSettings.objects.select_for_update() if lock else AssistantSettings.objects.all()
    row = rows.filter(pk=1).first()
    if row is None:
        AssistantSettings.objects.get_or_create(pk=1)
        row = rows.get(pk=1)
    return row


def thresholds_with_caution(thresholds: Thresholds, row: AssistantSettings) -> Thresholds:
    """Move the bar of a direct answer as the tenant wishes."""
    shift = _SHIFT[AssistantSettings.Caution(row.caution)]
    return replace(
        thresholds, direct=min(thresholds.direct + shift, 0.99), direct_words=min(thresholds.direct_words + shift, 0.99)
    )


def model_settings(row: AssistantSettings) -> ModelSettings | None:
    """Return where the tenant's model is, None without one. A key that cannot be opened counts as none."""
    if not (row.model_enabled and row.model_base_url and row.model_name):
        return None
    try:
        key = unseal(row.model_key, field=KEY_FIELD, row=ROW) if row.model_key else ""
    except SecretError:
        return None
    return ModelSettings(
        base_url=row.model_base_url,
        model=row.model_name,
        api_key=key,
        temperature=row.model_temperature,
        timeout_seconds=float(row.model_timeout_seconds),
    )


def rules_of(row: AssistantSettings, model: ModelSettings | None) -> Rules:
    """Return what a dialogue follows."""
    return Rules(
        capture_leads=row.capture_leads,
        max_asks=row.max_asks,
        hand_over_buyers=row.hand_over_buyers,
        model_ready=model is not None and not model_resting(model, require_tenant().schema),
        sentences=row.sentences,
    )


@transaction.atomic
def update_settings(*, actor: Actor, changes: Mapping[str, Any], version: int | None = None) -> AssistantSettings:
    """Change settings; raise Invalid or VersionConflict.

    `model_key` is sealed at once and never shown again; an empty one takes it away.
    """
    require(actor, "assistant.update")
    row = settings_row(lock=True)
    if version is not None and version != row.version:
        raise VersionConflict(row.version)
    before = snapshot(row, FIELDS)
    cleaned = _clean(changes)
    consent_before = _consents(row.sentences)
    for name, value in cleaned.items():
        setattr(row, name, value)
    _check_model_complete(row)
    if "model_key" in changes:
        row.model_key = seal(changes["model_key"], field=KEY_FIELD, row=ROW) if changes["model_key"] else ""
    # Who agreed, agreed to certain words: other words are another version.
    row.consent_version += consent_before != _consents(row.sentences)
    changed = diff(before, snapshot(row, FIELDS))
    if not changed and "model_key" not in changes:
        return row
    row.version += 1
    row.updated_at = clock.now()
    row.save()
    record_audit(actor=actor, action="update", kind="assistant", record_id=1, changes=changed)
    record_event(
        events.SETTINGS_CHANGED,
        actor=actor,
        aggregate=("assistant", 1),
        data={"fields": sorted(changed)},
        audience=Audience(permission="assistant.read"),
    )
    return row


def test_model(*, actor: Actor) -> str:
    """Ask the configured model for a word; return "" when it answers, else the code of what is wrong."""
    require(actor, "assistant.update")
    model = model_settings(settings_row())
    if model is None:
        return "model_not_configured"
    try:
        check_model(model)
    except ModelUnavailable as problem:
        return problem.code
    return ""


def _clean(changes: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {name: value for name, value in changes.items() if name in FIELDS and value is not None}
    if "model_base_url" in cleaned:
        cleaned["model_base_url"] = _endpoint(cleaned["model_base_url"])
    if "sentences" in cleaned:
        cleaned["sentences"] = _sentences(cleaned["sentences"])
    return cleaned


def _endpoint(text: str) -> str:
    address = text.strip().rstrip("/")
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise Invalid(
            "endpoint_invalid",
            "An endpoint looks like https://api.example.com/v1. Nothing was saved.",
            fields={"model_base_url": "invalid"},
        )
    return address


def _sentences(given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = {}
    for key, by_language in given.items():
        texts = {
            language: str(text).strip()
            for language, text in by_language.items()
            if language in {"zh", "en"} and str(text).strip()
        }
        if key not in OWN_SENTENCES:
            raise Invalid(
                "sentence_unknown",
                "There is no such sentence. Nothing was saved.",
                fields={"sentences": "unknown"},
                params={"key": key},
            )
        if any(len(text) > MAX_SENTENCE for text in texts.values()):
            raise Invalid(
                "text_too_long",
                f"At most {MAX_SENTENCE} characters. Nothing was saved.",
                fields={"sentences": "too_long"},
                params={"longest": MAX_SENTENCE},
            )
        if texts:
            kept[key] = texts
    return kept


def _consents(sentences: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    return sentence("ask.consent", "zh", sentences), sentence("ask.consent", "en", sentences)


def _check_model_complete(row: AssistantSettings) -> None:
    if row.model_enabled and not (row.model_base_url and row.model_name):
        missing = "model_base_url" if not row.model_base_url else "model_name"
        raise Invalid(
            "model_incomplete", "A model needs an endpoint and a name. Nothing was saved.", fields={missing: "missing"}
        )
