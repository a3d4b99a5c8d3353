"""Leads as a record kind: for search, timelines, tasks, bulk edits."""

from crm.duplicates.types import Subject, register_subject
from crm.leads import fields, services
from crm.leads.models import Lead
from crm.leads.selectors import find_leads, visible_leads
from crm.leads.services.common import keys_of
from crm.records.registry import Operations, RecordKind, register_kind
from crm.records.search import Searchable, register_searchable


def register_kinds() -> None:
    """Register the kind and its fields."""
    fields.register()
    register_subject(
        Subject(
            "lead",
            against=("lead", "customer", "contact"),
            name_field="company",
            counts=lambda lead: lead.state != Lead.State.CONVERTED,
        )
    )
    register_searchable("lead", Searchable(Lead, keys_of))
    register_kind(
        RecordKind(
            kind="lead",
            model=Lead,
            visible=visible_leads,
            title=lambda lead: lead.name or lead.company or lead.phone,
            subtitle=lambda lead: lead.company,
            search=lambda actor, text: find_leads(actor, {"q": text}).order_by("-created_at"),
            find=find_leads,
            operations=Operations(
                create=services.create_lead,
                update=lambda *, record_id, **rest: services.update_lead(lead_id=record_id, **rest),
                assign=lambda *, record_id, **rest: services.assign_lead(lead_id=record_id, **rest),
                archive=lambda *, record_id, **rest: services.archive_lead(lead_id=record_id, **rest),
                restore=lambda *, record_id, **rest: services.restore_lead(lead_id=record_id, **rest),
            ),
        )
    )
