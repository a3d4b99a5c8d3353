"""Of the demo's two who left, one has handed everything over and the other nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from crm.handover.models import Handover
from crm.handover.selectors import may_undo, orphans
from guanxi.common import clock
from guanxi.config.demo.company import MINGXI, Company, found, hire
from guanxi.config.demo.leavers import HANDED, LEFT, let_people_leave
from guanxi.tenancy import public_scope, tenant_scope

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def test_one_handed_over_and_one_left_orphans(database: None) -> None:
    with public_scope():
        call_command("refill_spares", verbosity=0)
        company = Company(plan := replace(MINGXI, slug="leavers"), found(plan))
    with tenant_scope(company.tenant):
        hire(company)
        let_people_leave(company)
        handover = Handover.objects.select_related("from_owner").get()
        assert handover.from_owner is not None
        assert (handover.from_owner.name, handover.state) == (HANDED[0], "done")
        assert handover.counts["customer"]["moved"] == handover.counts["deal"]["moved"] == 3
        assert handover.finished_at is not None
        assert handover.finished_at < clock.now() - timedelta(days=29)
        assert not may_undo(handover)
        (left,) = orphans(company.people["owner"])["left"]
        assert left["member"]["name"] == LEFT[0]
        assert left["counts"]["customer"] == {"count": 2, "exact": True}
