"""Rows whose search keys have an older shape are found by pinyin after the night's chore."""

from crm.customers.models import Customer
from crm.customers.selectors import find_customers
from crm.customers.services import create_customer
from crm.records import reindex
from crm.records.models import IndexState
from crm.records.search import KEYS_VERSION
from guanxi.access import Actor

OLD_KEYS = ["盛", "世", "盛世", "y:ss"]


def _with_old_keys(actor: Actor, name: str) -> Customer:
    customer = create_customer(actor=actor, values={"name": name})
    Customer.objects.filter(pk=customer.pk).update(search_keys=OLD_KEYS)
    return Customer.objects.get(pk=customer.pk)


def test_old_rows_are_found_by_pinyin_after_the_chore(rep: Actor) -> None:
    before = [_with_old_keys(rep, "盛世") for _ in range(reindex.BATCH + 3)]
    assert not find_customers(rep, {"q": "shengshi"}).exists()
    job = reindex.reindex_when_outdated()
    assert job is not None
    assert reindex.reindex_when_outdated() is None, "one job at a time"
    reindex.run(job)
    assert find_customers(rep, {"q": "shengshi"}).count() == len(before)
    after = Customer.objects.get(pk=before[0].pk)
    assert (after.version, after.updated_at) == (before[0].version, before[0].updated_at)
    assert set(IndexState.objects.values_list("version", flat=True)) == {KEYS_VERSION}
    assert reindex.outdated() == []


def test_a_job_that_was_cut_goes_on_at_the_last_batch(rep: Actor) -> None:
    first, second = _with_old_keys(rep, "盛世一"), _with_old_keys(rep, "盛世二")
    IndexState.objects.create(name="customer", version=KEYS_VERSION - 1, last_id=first.pk)
    job = reindex.reindex_when_outdated()
    assert job is not None
    reindex.run(job)
    assert [row.pk for row in find_customers(rep, {"q": "shengshi"})] == [second.pk]
