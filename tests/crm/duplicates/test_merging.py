"""Two records become one, with all that points at them, and two again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from crm.activities.services import create_task, log_activity
from crm.customers.models import Contact, Customer, CustomerContact
from crm.customers.services import create_contact, create_customer, update_customer
from crm.deals.services import create_deal
from crm.duplicates.models import DuplicateMerge, DuplicatePair, MergedRecord
from crm.duplicates.references import PAIRS, STAYS, references_to, tenant_models
from crm.duplicates.selectors import find_duplicates
from crm.duplicates.services import find_pairs, merge_records, undo_merge
from crm.duplicates.types import subjects
from crm.records.models import RecordShare
from crm.records.registry import record_kind
from crm.records.sharing.services import share_record
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, PermissionDenied
from tests.people import Team

NAME = "杭州茗溪茶业有限公司"
# Columns whose name ends like a reference to a kind and that point elsewhere.
ELSEWHERE: set[str] = set()


def _two(team: Team) -> tuple[Customer, Customer]:
    keep = create_customer(actor=team["rep"], values={"name": NAME, "phone": "13800138000", "tags": ["老客户"]})
    gone = create_customer(
        actor=team["rep2"], values={"name": "茗溪茶业", "phone": "13900139000", "city": "杭州", "tags": ["展会"]}
    )
    return keep, gone


def _below(actor: Actor, customer: Customer) -> dict[str, Any]:
    contact = create_contact(actor=actor, values={"name": "李雷"}, customer_id=customer.pk)
    return {
        "contact": contact,
        "link": CustomerContact.objects.get(contact=contact),
        "deal": create_deal(actor=actor, values={"name": "春茶", "customer_id": customer.pk, "contact_id": contact.pk}),
        "task": create_task(
            actor=actor,
            values={"title": "回访", "due_at": clock.now() + timedelta(days=1)},
            record=("customer", customer.pk),
        ),
        "note": log_activity(actor=actor, kind="note", record=("customer", customer.pk), body="见过"),
    }


def _targets(below: dict[str, Any]) -> set[int]:
    for row in below.values():
        row.refresh_from_db()
    return {
        below["link"].customer_id,
        below["deal"].customer_id,
        below["task"].record_id,
        below["note"].record_id,
    }


def _is_archived(customer: Customer) -> bool:
    return Customer.objects.filter(pk=customer.pk, archived_at__isnull=False).exists()


def test_merge_and_undo(team: Team) -> None:
    keep, gone = _two(team)
    below = _below(team["rep2"], gone)
    find_pairs()
    assert DuplicatePair.objects.filter(state="open").count() == 1
    merge = merge_records(
        actor=team["manager"], kind="customer", winner_id=keep.pk, loser_ids=[gone.pk], chosen={"phone": gone.pk}
    )
    keep.refresh_from_db()
    gone.refresh_from_db()
    assert (keep.name, keep.phone, keep.city, keep.tags) == (NAME, "13900139000", "杭州", ["老客户", "展会"])
    assert keep.owner_id == team["rep"].member_id
    assert _is_archived(gone)
    assert _targets(below) == {keep.pk}
    assert MergedRecord.objects.get(record_id=gone.pk).merged_into_id == keep.pk
    assert DuplicatePair.objects.get().state == "merged"
    (found,) = find_duplicates(team["rep"], "customer", {"name": "茗溪茶业"})
    assert found.record_id == keep.pk

    update_customer(actor=team["rep"], customer_id=keep.pk, changes={"city": "宁波"})
    undo_merge(actor=team["manager"], merge_id=merge.pk)
    keep.refresh_from_db()
    gone.refresh_from_db()
    # What was changed since the merge stays as it was changed.
    assert (keep.phone, keep.tags, keep.city) == ("13800138000", ["老客户"], "宁波")
    assert not _is_archived(gone)
    assert _targets(below) == {gone.pk}
    assert not MergedRecord.objects.exists()
    with pytest.raises(Conflict):
        undo_merge(actor=team["manager"], merge_id=merge.pk)


def test_what_both_have_stays_with_the_loser(team: Team) -> None:
    keep, gone = _two(team)
    contact = create_contact(actor=team["manager"], values={"name": "韩梅梅"}, customer_id=keep.pk)
    CustomerContact.objects.create(customer=gone, contact=contact)
    subject = f"member:{team['agent'].member_id}"
    for customer in (keep, gone):
        share_record(actor=team["manager"], kind="customer", record_id=customer.pk, subject=subject)
    merge_records(actor=team["manager"], kind="customer", winner_id=keep.pk, loser_ids=[gone.pk])
    assert CustomerContact.objects.filter(customer=keep, contact=contact).count() == 1
    assert RecordShare.objects.filter(record_id=keep.pk, subject=subject).count() == 1


def test_who_may_merge_what(team: Team) -> None:
    keep, gone = _two(team)
    args: dict[str, Any] = {"kind": "customer", "winner_id": keep.pk}
    with pytest.raises(PermissionDenied):
        merge_records(actor=team["rep"], loser_ids=[gone.pk], **args)
    grants = {**team["rep"].grants, "customer.merge": team["rep"].grants["customer.update"]}
    with pytest.raises(NotFound):
        merge_records(actor=replace(team["rep"], grants=grants), loser_ids=[gone.pk], **args)
    with pytest.raises(Invalid):
        merge_records(actor=team["manager"], loser_ids=[keep.pk], **args)
    with pytest.raises(Invalid):
        merge_records(actor=team["manager"], loser_ids=[gone.pk], chosen={"version": gone.pk}, **args)
    assert not DuplicateMerge.objects.exists()


def test_a_merge_is_taken_back_for_thirty_days(team: Team) -> None:
    keep, gone = _two(team)
    merge = merge_records(actor=team["manager"], kind="customer", winner_id=keep.pk, loser_ids=[gone.pk])
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Conflict):
        undo_merge(actor=team["manager"], merge_id=merge.pk)


def test_a_parent_does_not_stand_below_itself(team: Team) -> None:
    keep, gone = _two(team)
    update_customer(actor=team["manager"], customer_id=keep.pk, changes={"parent_id": gone.pk})
    child = create_customer(actor=team["manager"], values={"name": "小店", "parent_id": gone.pk})
    merge_records(actor=team["manager"], kind="customer", winner_id=keep.pk, loser_ids=[gone.pk])
    keep.refresh_from_db()
    child.refresh_from_db()
    assert (keep.parent_id, child.parent_id) == (None, keep.pk)


def test_contacts_merge_with_their_deals(team: Team) -> None:
    customer = create_customer(actor=team["rep"], values={"name": NAME})
    keep, gone = (create_contact(actor=team["rep"], values={"name": "李雷"}, customer_id=customer.pk) for _ in range(2))
    deal = create_deal(actor=team["rep"], values={"name": "春茶", "customer_id": customer.pk, "contact_id": gone.pk})
    merge_records(actor=team["manager"], kind="contact", winner_id=keep.pk, loser_ids=[gone.pk])
    deal.refresh_from_db()
    assert deal.contact_id == keep.pk
    assert Contact.objects.get(pk=gone.pk).archived_at is not None


def test_every_column_that_points_at_a_record_is_known() -> None:
    known = {reference.name for kind in subjects() for reference in references_to(kind)}
    stays = set(STAYS)
    forgotten = []
    models_of_kinds = {record_kind(kind).model for kind in subjects()}
    for model in tenant_models():
        label = model._meta.label
        for field in model._meta.concrete_fields:
            points = (isinstance(field, models.ForeignKey) and field.related_model in models_of_kinds) or (
                not isinstance(field, models.ForeignKey)
                and (field.name.endswith("record_id") or field.name in {f"{kind}_id" for kind in subjects()})
            )
            name = f"{label}.{field.attname}"
            if points and name not in known and label not in stays and name not in ELSEWHERE:
                forgotten.append(name)
    assert not forgotten
    assert {"activities.Task.record_id", "deals.Deal.customer_id", "conversations.Conversation.contact_id"} <= known
    assert not {label for label in stays if label not in {model._meta.label for model in tenant_models()}} - {
        "realtime.LiveEvent"
    }
    assert all(len(pair) == 2 for pair in PAIRS)
