"""Hands records over, undoes it, and tells of what nobody looks after."""

from crm.handover.services.previewing import preview_handover
from crm.handover.services.starting import chosen_ids, start_handover
from crm.handover.services.undoing import start_undo

__all__ = ["chosen_ids", "preview_handover", "start_handover", "start_undo"]
