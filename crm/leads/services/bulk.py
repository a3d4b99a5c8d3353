"""Makes leads in chunks, for imports. Whoever calls has checked rights and values.

Nobody is told of each, and no time to answer begins: what is imported was there before.
"""

from collections.abc import Sequence

from django.db import transaction

from crm.leads.models import Lead
from crm.leads.services.common import State
from crm.records.bulk import BulkRow, insert_many, log_first_states, stamp_row
from guanxi.access import Actor


@transaction.atomic
def create_leads(*, actor: Actor, rows: Sequence[BulkRow]) -> list[Lead]:
    """Make leads; one with an owner is assigned, unless the row tells its state."""
    leads = []
    for row in rows:
        lead = Lead(**row.values)
        stamp_row(actor, lead, row)
        lead.state = row.more.get("state") or (State.ASSIGNED if lead.owner_id else State.NEW)
        lead.assigned_at = lead.created_at if lead.owner_id else None
        lead.first_touch = lead.last_touch = {"source": lead.source}
        leads.append(lead)
    insert_many(actor, "lead", leads)
    log_first_states(actor, "lead", {lead.pk: lead.state for lead in leads})
    return leads
