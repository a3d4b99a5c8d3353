"""Reads handovers, what a member has, and what nobody looks after."""

from crm.handover.selectors.dossiers import dossier
from crm.handover.selectors.handovers import access_handover, items_of, may_undo, visible_handovers
from crm.handover.selectors.orphans import orphans

__all__ = ["access_handover", "dossier", "items_of", "may_undo", "orphans", "visible_handovers"]
