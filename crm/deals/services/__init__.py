"""Writes deals, their moves and parts, pipelines, and the lists that deals pick from."""

from crm.deals.services.deals import archive_deal, assign_deal, create_deal, restore_deal, update_deal
from crm.deals.services.lists import (
    create_competitor,
    create_loss_reason,
    order_loss_reasons,
    update_competitor,
    update_loss_reason,
)
from crm.deals.services.moves import move_deal, note_stuck
from crm.deals.services.parts import set_competitors, set_contacts, set_lines
from crm.deals.services.pipelines import (
    RETIME,
    archive_pipeline,
    create_pipeline,
    create_stage,
    delete_stage,
    merge_stage,
    order_pipelines,
    order_stages,
    restore_pipeline,
    retime_deals,
    update_pipeline,
    update_stage,
)
from crm.deals.services.rules import STUCK

__all__ = [
    "RETIME",
    "STUCK",
    "archive_deal",
    "archive_pipeline",
    "assign_deal",
    "create_competitor",
    "create_deal",
    "create_loss_reason",
    "create_pipeline",
    "create_stage",
    "delete_stage",
    "merge_stage",
    "move_deal",
    "note_stuck",
    "order_loss_reasons",
    "order_pipelines",
    "order_stages",
    "restore_deal",
    "restore_pipeline",
    "retime_deals",
    "set_competitors",
    "set_contacts",
    "set_lines",
    "update_competitor",
    "update_deal",
    "update_loss_reason",
    "update_pipeline",
    "update_stage",
]
