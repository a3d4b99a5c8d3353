"""Hands records over, undoes it, and tells of what nobody looks after."""

from crm.handover.services.previewing import preview_handover
from crm.handover.services.starting import check_named, chosen_ids, start_handover
from crm.handover.services.undoing import start_undo

__all__ = ["check_named", "chosen_ids", "preview_handover", "start_handover", "start_undo"]
