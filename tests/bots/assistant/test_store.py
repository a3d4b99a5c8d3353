"""Indexes are kept while nothing changes, bounded, apart by tenant, and never keep a callback waiting."""

import threading
import time

import pytest
from pytest_django.fixtures import Settings

from bots.assistant import store
from bots.assistant.models import PhraseVector
from bots.assistant.services import drop_unused_vectors, embed_knowledge, settings_row
from bots.assistant.store import shelf_at_hand, tenant_shelf
from crm.knowledge.models import Faq
from crm.knowledge.services import create_faq, set_faq_states, update_faq
from guanxi.access import Actor
from guanxi.tenancy import TenantRef, tenant_scope
from tests.bots.assistant.talks import Customer, fill_knowledge


def test_an_index_is_kept_until_knowledge_or_vectors_change(owner: Actor, knowledge: None) -> None:
    first = tenant_shelf(settings_row())
    assert tenant_shelf(settings_row()) is first
    faq = Faq.objects.get(question="运费怎么算？")
    update_faq(actor=owner, faq_id=faq.pk, changes={"answer": "换了一个答案"})
    second = tenant_shelf(settings_row())
    assert second is not first
    assert "换了一个答案" in {entry.answer for entry in second.index.entries}
    assert embed_knowledge() is True
    assert tenant_shelf(settings_row()) is not second
    assert embed_knowledge() is False


def test_tenants_never_share_an_index(owner: Actor, knowledge: None, beta: TenantRef) -> None:
    mine = tenant_shelf(settings_row())
    with tenant_scope(beta):
        theirs = tenant_shelf(settings_row())
        assert theirs.index.entries == ()
        assert Customer().ask("怎么开发票？") is not None
    assert len(mine.index.entries) == 8


def test_the_least_used_goes_first(owner: Actor, knowledge: None, beta: TenantRef, settings: Settings) -> None:
    mine = tenant_shelf(settings_row())
    settings.GUANXI_INDEX_CACHE_BYTES = mine.index.nbytes
    with tenant_scope(beta):
        create_faq(actor=Actor.system("test"), values={"question": "怎么付款？", "answer": "微信。"}, publish=True)
        tenant_shelf(settings_row())
    assert tenant_shelf(settings_row()) is not mine


def test_vectors_follow_the_texts(owner: Actor, knowledge: None) -> None:
    before = PhraseVector.objects.count()
    faq = Faq.objects.get(question="怎么开发票？")
    set_faq_states(actor=owner, faq_ids=[faq.pk], state="archived")
    assert drop_unused_vectors() == 0
    embed_knowledge()
    assert drop_unused_vectors() == 3
    assert PhraseVector.objects.count() == before - 3
    row = settings_row()
    assert row.thresholds.keys() >= {"direct", "menu"}


def test_many_threads_build_an_index_once(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_knowledge(owner, embed=False)
    built = []
    real = store.build_shelf

    def slow(stamp: str, row: object) -> store.Shelf:
        built.append(stamp)
        return real(stamp, row)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "build_shelf", slow)
    row = settings_row()
    for _ in range(5):
        tenant_shelf(row)
    assert len(built) == 1


@pytest.mark.committed
def test_a_large_index_is_built_beside_and_the_worker_answers_meanwhile(
    owner: Actor, alpha: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_knowledge(owner, embed=False)
    monkeypatch.setattr(store, "QUICKLY_BUILT", 3)
    customer = Customer()
    assert customer.ask_at_once("怎么开发票？") is None
    deadline = time.monotonic() + 10
    while not shelf_at_hand(settings_row()) and time.monotonic() < deadline:
        time.sleep(0.05)
    said = customer.ask_at_once("包邮吗")
    assert said is not None
    for thread in threading.enumerate():
        if thread.name.startswith("index-"):
            thread.join(5)


def test_the_passive_answer_is_quick(owner: Actor, knowledge: None) -> None:
    customer = Customer()
    customer.ask_at_once("你好")
    taken = []
    for text in (
        "怎么开发票呀",
        "运费咋算的",
        "起订量多少",
        "logo能印吗",
        "退货行不",
        "退款几天",
        "几点关门",
        "绿茶放哪里好",
    ):
        begun = time.process_time()
        customer.ask_at_once(text)
        taken.append(time.process_time() - begun)
    assert sorted(taken)[-2] < 0.15
