"""Writes leads: capture, assignment, states, conversion."""

from crm.leads.services.assignment import (
    assign_automatically,
    assign_lead,
    create_assignment_rule,
    delete_assignment_rule,
    note_overdue_response,
    update_assignment_rule,
)
from crm.leads.services.capture import capture_lead, create_lead
from crm.leads.services.conversion import convert_lead
from crm.leads.services.editing import archive_lead, change_lead_state, note_first_response, restore_lead, update_lead
from crm.leads.services.ownership import release_lead, take_lead

__all__ = [
    "archive_lead",
    "assign_automatically",
    "assign_lead",
    "capture_lead",
    "change_lead_state",
    "convert_lead",
    "create_assignment_rule",
    "create_lead",
    "delete_assignment_rule",
    "note_first_response",
    "note_overdue_response",
    "release_lead",
    "restore_lead",
    "take_lead",
    "update_assignment_rule",
    "update_lead",
]
