"""Changes leads: fields, states, archive."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.leads import events
from crm.leads.models import Lead
from crm.leads.selectors import OPEN_STATES, access_lead
from crm.leads.services.assignment import resume_response_clock, stop_response_clock
from crm.leads.services.common import State, clean, index, require_only_open, set_state, tell
from crm.records.services import archive_record, change_record, clean_record, restore_record
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid

NEEDS_REASON = {State.INVALID, State.NURTURING}


@transaction.atomic
def update_lead(*, actor: Actor, lead_id: int, changes: Mapping[str, Any], version: int | None = None) -> Lead:
    """Change fields of a lead; the state has its own function."""
    require(actor, "lead.update")
    lead = access_lead(actor, lead_id, "lead.update", lock=True)
    cleaned = clean_record(actor, "lead", clean(changes), record=lead)
    changed = change_record(actor, lead, "lead", cleaned, version=version)
    if changed:
        index(lead)
        lead.save(update_fields=["search_keys"])
        tell(actor, lead, events.LEAD_UPDATED, fields=sorted(changed))
    return access_lead(actor, lead_id)


@transaction.atomic
def change_lead_state(*, actor: Actor, lead_id: int, state: str, reason: str = "") -> Lead:
    """Move a lead along its way; invalid and nurturing need a reason. Converting has its own function."""
    require(actor, "lead.update")
    if state == State.CONVERTED or state not in State.values:
        raise Invalid("unknown_state", "This state is not reached so.", fields={"state": "unknown"})
    if state in NEEDS_REASON and not reason.strip():
        raise Invalid("reason_missing", "This step needs a reason. Nothing was changed.", fields={"reason": "missing"})
    lead = access_lead(actor, lead_id, "lead.update", lock=True)
    before = lead.state
    if set_state(actor, lead, state, reason=reason.strip()):
        if state not in {State.NEW, State.ASSIGNED}:
            lead.first_response_at = lead.first_response_at or clock.now()
            stop_response_clock(lead)
        lead.save()
        record_audit(actor=actor, action="state", kind="lead", record_id=lead.pk, changes={"state": (before, state)})
        step = {"from": before, "to": state, "reason": lead.state_reason}
        log_system(actor=actor, event=events.LEAD_STATE, record=("lead", lead.pk), data=step)
    return access_lead(actor, lead_id)


@transaction.atomic
def note_first_response(*, actor: Actor, lead_id: int) -> None:
    """Note that a person has answered the lead for the first time: a call, a note, a message."""
    lead = Lead.objects.select_for_update().filter(pk=lead_id, first_response_at__isnull=True).first()
    if lead is None:
        return
    lead.first_response_at = clock.now()
    if lead.state in {State.NEW, State.ASSIGNED}:
        set_state(actor, lead, State.CONTACTING)
    stop_response_clock(lead)
    lead.save()


@transaction.atomic
def archive_lead(*, actor: Actor, lead_id: int) -> Lead:
    """Take a lead out of the lists."""
    require(actor, "lead.archive")
    lead = access_lead(actor, lead_id, "lead.archive", lock=True)
    if archive_record(actor, lead, "lead"):
        stop_response_clock(lead)
    return lead


@transaction.atomic
def restore_lead(*, actor: Actor, lead_id: int) -> Lead:
    """Put an archived lead back."""
    require(actor, "lead.archive")
    lead = access_lead(actor, lead_id, "lead.archive", lock=True)
    if lead.archived_at is not None and lead.state in OPEN_STATES:
        require_only_open(lead)
    if restore_record(actor, lead, "lead"):
        resume_response_clock(lead)
    return lead
