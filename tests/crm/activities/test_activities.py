"""One timeline: what is done on a record shows on what stands above it; one's own lines can be changed, and go."""

from datetime import timedelta
from typing import Any

import pytest

from crm.activities.selectors import timeline
from crm.activities.services import delete_activity, log_activity, restore_activity, update_activity
from crm.customers.models import Customer
from crm.customers.services import create_contact, create_customer
from crm.deals.services import create_deal, update_deal
from crm.leads.services import create_lead
from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied, VersionConflict
from tests.people import Team


def _lines(actor: Actor, kind: str, pk: int) -> list[int]:
    return list(timeline(actor, kind, pk).values_list("activity_id", flat=True))


def test_a_line_shows_on_what_stands_above(rep: Actor) -> None:
    first, second = (create_customer(actor=rep, values={"name": name}) for name in ("A", "B"))
    contact = create_contact(actor=rep, values={"name": "Li"}, customer_id=first.pk)
    deal = create_deal(actor=rep, values={"name": "d", "customer_id": first.pk})
    on_contact = log_activity(actor=rep, kind="call", record=("contact", contact.pk), body="called")
    on_deal = log_activity(actor=rep, kind="note", record=("deal", deal.pk), body="noted")
    assert {on_contact.pk, on_deal.pk} <= set(_lines(rep, "customer", first.pk))
    assert _lines(rep, "customer", second.pk) == []
    update_deal(actor=rep, deal_id=deal.pk, changes={"customer_id": second.pk})
    assert on_deal.pk in _lines(rep, "customer", second.pk), "a deal that moves takes its lines along"


def test_the_newest_comes_first_and_kinds_narrow(rep: Actor) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    now = clock.now()
    old = log_activity(actor=rep, kind="call", record=("lead", lead.pk), body="a", at=now - timedelta(days=9))
    new = log_activity(actor=rep, kind="note", record=("lead", lead.pk), body="b", at=now + timedelta(seconds=1))
    rows = timeline(rep, "lead", lead.pk).order_by("-at", "-id").values_list("activity_id", flat=True)
    assert (rows[0], list(rows)[-1]) == (new.pk, old.pk)
    assert list(timeline(rep, "lead", lead.pk, kinds=["call"]).values_list("activity_id", flat=True)) == [old.pk]


def test_an_activity_moves_the_record_up_and_an_old_one_does_not(rep: Actor) -> None:
    customer = create_customer(actor=rep, values={"name": "A"})
    now = clock.now()
    log_activity(actor=rep, kind="visit", record=("customer", customer.pk), body="x", at=now)
    log_activity(actor=rep, kind="visit", record=("customer", customer.pk), body="y", at=now - timedelta(days=30))
    assert Customer.objects.get(pk=customer.pk).last_activity_at == now


def test_only_ones_own_lines_and_never_the_systems(team: Team) -> None:
    lead = create_lead(actor=team["rep"], values={"name": "x"})
    line = log_activity(actor=team["rep"], kind="note", record=("lead", lead.pk), body="mine")
    for act in (
        lambda: update_activity(actor=team["manager"], activity_id=line.pk, changes={"body": "theirs"}),
        lambda: delete_activity(actor=team["manager"], activity_id=line.pk),
    ):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(NotFound):
        delete_activity(actor=team["rep2"], activity_id=line.pk)
    created = timeline(team["rep"], "lead", lead.pk, kinds=["system"])[0].activity_id
    with pytest.raises(Conflict) as refused:
        delete_activity(actor=team["rep"], activity_id=created)
    assert refused.value.code == "activity_not_editable"


def test_what_is_taken_back_can_come_back(team: Team) -> None:
    rep = team["rep"]
    lead = create_lead(actor=rep, values={"name": "x"})
    line = log_activity(actor=rep, kind="note", record=("lead", lead.pk), body="wrong")
    delete_activity(actor=rep, activity_id=line.pk)
    assert line.pk not in _lines(rep, "lead", lead.pk)
    with pytest.raises(NotFound):
        update_activity(actor=rep, activity_id=line.pk, changes={"body": "x"})
    with pytest.raises(PermissionDenied):
        restore_activity(actor=team["manager"], activity_id=line.pk)
    assert restore_activity(actor=rep, activity_id=line.pk).deleted_at is None
    assert line.pk in _lines(rep, "lead", lead.pk)
    assert restore_activity(actor=rep, activity_id=line.pk).pk == line.pk, "a second undo is none"
    actions = AuditEntry.objects.filter(kind="activity", record_id=line.pk).values_list("action", flat=True)
    assert "delete" in actions


def test_changing_a_line(rep: Actor) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    line = log_activity(actor=rep, kind="visit", record=("lead", lead.pk), body="a")
    earlier = clock.now() - timedelta(days=1)
    changed = update_activity(actor=rep, activity_id=line.pk, changes={"body": "b", "at": earlier}, version=1)
    assert (changed.body, changed.version) == ("b", 2)
    assert timeline(rep, "lead", lead.pk).get(activity_id=line.pk).at == earlier
    with pytest.raises(VersionConflict):
        update_activity(actor=rep, activity_id=line.pk, changes={"body": "c"}, version=1)


@pytest.mark.parametrize(
    ("values", "code"), [({"body": " "}, "activity_empty"), ({"kind": "system", "body": "x"}, "unknown_activity_kind")]
)
def test_what_is_no_activity(rep: Actor, values: dict[str, Any], code: str) -> None:
    lead = create_lead(actor=rep, values={"name": "x"})
    with pytest.raises(Invalid) as refused:
        log_activity(actor=rep, **{"kind": "note", "record": ("lead", lead.pk), **values})
    assert refused.value.code == code
