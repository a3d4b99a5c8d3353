"""What all writes of leads share."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from crm.customers.types import normalise_email, normalise_phone
from crm.leads import events
from crm.leads.models import Lead
from crm.leads.selectors import OPEN_STATES
from crm.records.custom import searched_texts
from crm.records.search import search_keys
from crm.records.services import audience_of, log_state_change
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict
from guanxi.events.services import record_event
from guanxi.tenancy import require_tenant

State = Lead.State
FIELDS = [
    "name",
    "company",
    "phone",
    "email",
    "wechat",
    "title",
    "city",
    "need",
    "budget",
    "timing",
    "score",
    "source",
    "tags",
    "custom",
    "next_action_at",
]
NULLABLE = {"next_action_at"}
ALLOWED: dict[str, set[str]] = {
    State.NEW: {State.ASSIGNED, State.CONTACTING, State.QUALIFIED, State.NURTURING, State.INVALID, State.CONVERTED},
    State.ASSIGNED: {State.CONTACTING, State.QUALIFIED, State.NURTURING, State.INVALID, State.CONVERTED},
    State.CONTACTING: {State.QUALIFIED, State.NURTURING, State.INVALID, State.CONVERTED},
    State.QUALIFIED: {State.CONTACTING, State.NURTURING, State.INVALID, State.CONVERTED},
    State.NURTURING: {State.CONTACTING, State.QUALIFIED, State.INVALID},
    State.INVALID: {State.CONTACTING},
    State.CONVERTED: set(),
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the writable values, normalised."""
    cleaned = {key: value for key, value in values.items() if key in FIELDS and (value is not None or key in NULLABLE)}
    if "phone" in cleaned:
        cleaned["phone"] = normalise_phone(cleaned["phone"])
    if "email" in cleaned:
        cleaned["email"] = normalise_email(cleaned["email"])
    return cleaned


def keys_of(lead: Lead) -> list[str]:
    """Return the keys that a lead is found by."""
    own = searched_texts("lead", lead.custom)
    return search_keys(lead.name, lead.company, lead.wechat, *own, phones=[lead.phone] if lead.phone else [])


def index(lead: Lead) -> None:
    """Set the keys that the lead is found by."""
    lead.search_keys = keys_of(lead)


def tell(actor: Actor | None, lead: Lead, kind: str, **data: Any) -> None:
    """Record an event of a lead."""
    more = {"conversation_id": lead.conversation_id} if lead.conversation_id else {}
    record_event(
        kind, actor=actor, aggregate=("lead", lead.pk), data={**data, **more}, audience=audience_of(lead, "lead.read")
    )


@transaction.atomic
def lock_person(*, identity_id: int | None = None, phone: str = "") -> None:
    """Let nobody else make or open a lead of the same person until the transaction ends."""
    schema = require_tenant().schema
    named = [f"identity {identity_id}"] if identity_id else []
    named += [f"phone {phone}"] if phone else []
    with connection.cursor() as cursor:
        for name in named:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{schema} lead of {name}"])


def require_only_open(lead: Lead) -> None:
    """Raise Conflict when the lead's person has another open one."""
    if lead.identity_id is None:
        return
    lock_person(identity_id=lead.identity_id)
    rows = Lead.objects.filter(identity_id=lead.identity_id, state__in=OPEN_STATES, archived_at__isnull=True)
    other = rows.exclude(pk=lead.pk).first()
    if other is not None:
        raise Conflict(
            "open_lead_exists", "This person has an open lead already; go on there.", params={"lead_id": other.pk}
        )


def set_state(actor: Actor, lead: Lead, to: str, *, reason: str = "") -> bool:
    """Move a locked lead to another state, without saving; return whether it moved. Raises Conflict for a step that is
    not allowed.
    """
    before = lead.state
    if before == to:
        return False
    if to not in ALLOWED[before]:
        raise Conflict("lead_state", f"A lead that is {before} cannot become {to}.", params={"from": before, "to": to})
    if to in OPEN_STATES and before not in OPEN_STATES:
        require_only_open(lead)
    lead.state, lead.state_reason = to, reason
    log_state_change(actor, lead, "lead", before=before, after=to, note=reason)
    lead.updated_at = clock.now()
    lead.version += 1
    tell(actor, lead, events.LEAD_STATE, **{"from": before, "to": to})
    return True
