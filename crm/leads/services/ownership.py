"""Leads that are nobody's: how one is let go, and how somebody takes it. Whoever calls has checked the rights."""

from django.db import transaction

from crm.activities.services import log_system
from crm.leads import events
from crm.leads.models import Lead
from crm.leads.services.assignment import give_lead, stop_response_clock
from crm.records.services import release_record
from guanxi.access import Actor
from tenants.members.selectors import department_of


@transaction.atomic
def release_lead(*, actor: Actor, lead_id: int, owner_id: int | None) -> Lead | None:
    """Take the owner from a lead, whose state and history stay; None when it is no longer this owner's or archived."""
    lead = Lead.objects.select_for_update().filter(pk=lead_id, owner_id=owner_id, archived_at__isnull=True).first()
    if lead is None:
        return None
    lead.response_due_at = None if lead.first_response_at is None else lead.response_due_at
    stop_response_clock(lead)
    if release_record(actor, lead, "lead"):
        step = {"from": owner_id, "to": None}
        log_system(actor=actor, event=events.LEAD_ASSIGNED, record=("lead", lead.pk), data=step)
    return lead


@transaction.atomic
def take_lead(*, actor: Actor, lead_id: int, owner_id: int) -> Lead | None:
    """Make somebody the owner of a lead that is nobody's, by one conditional update; None when it has an owner."""
    rows = Lead.objects.filter(pk=lead_id, owner__isnull=True, archived_at__isnull=True)
    if not rows.update(owner_id=owner_id, owner_department_path=department_of(owner_id)):
        return None
    lead = Lead.objects.get(pk=lead_id)
    lead.owner_id = None
    give_lead(actor, lead, owner_id, tell_owner=False)
    return lead
