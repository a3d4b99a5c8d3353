"""Search: any part of a Chinese name, pinyin initials, tails of phones, in names as in long messages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.conversations.selectors import find_messages
from crm.customers.models import Customer
from crm.customers.selectors import find_customers
from crm.customers.services import create_contact, create_customer, update_customer
from crm.records.search import search_keys
from crm.records.selectors import search_everything
from guanxi.access import Actor
from tests.crm.makers import written
from tests.people import Team

NAME = "杭州西湖龙井茶业有限公司"
WORDS_FOUND = ["西湖", "龙", "茶业有限", NAME, "xhlj", "XHLJ", "hz"]
FOUND = [*WORDS_FOUND, "8000", "13800138000", "138 0013 8000", "+86 13800138000"]
NOT_FOUND = ["湖西", "茶龙", "xhjl", "800", "8001380", "上海", "   ", "。，", "13800138001"]


@pytest.fixture
def customer(rep: Actor) -> Customer:
    """A customer, and another one beside."""
    create_customer(actor=rep, values={"name": "上海外滩贸易", "phone": "13911112222"})
    return create_customer(actor=rep, values={"name": NAME, "phone": "+86 138-0013-8000"})


@pytest.mark.parametrize("text", FOUND)
def test_found(rep: Actor, customer: Customer, text: str) -> None:
    assert [found.pk for found in find_customers(rep, {"q": text})] == [customer.pk]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(rep: Actor, customer: Customer, text: str) -> None:
    found = [row.pk for row in find_customers(rep, {"q": text})]
    assert customer.pk not in found or not text.strip()


def test_a_new_name_is_found_and_the_old_one_not(rep: Actor, customer: Customer) -> None:
    update_customer(actor=rep, customer_id=customer.pk, changes={"name": "Ｇｒｅｅｎ Tea 绿茶", "phone": ""})
    for text in ("green", "GREEN TEA", "绿茶", "lc"):
        assert find_customers(rep, {"q": text}).count() == 1, text
    for text in ("龙井", "8000"):
        assert not find_customers(rep, {"q": text}).exists(), text


# Name, what finds it, what does not: both readings of characters that have two, whole syllables, initials, mixtures.
BY_PINYIN = [
    (
        "盛世",
        ["shengshi", "shengs", "sshi", "ss", "sheng shi", "shengsh", "SHENGSHI"],
        ["shishen", "shengshai", "shisheng"],
    ),
    ("重庆火锅", ["chongqing", "cqhg", "chongqhg", "huoguo"], ["zhongqing"]),
    ("单雄信", ["shanxiongxin", "danxiong", "sxx", "dxx"], ["sanxiong"]),
    ("曾国藩", ["zengguofan", "cengguofan", "zgf"], ["guozeng"]),
    ("绿城中国", ["lvcheng", "lücheng", "lczg"], ["chenglv"]),
    ("西安饭庄", ["xian", "xi'an", "xianfanzhuang", "xafz"], ["anxi"]),
    ("仇英书画", ["qiuying", "chouying"], ["yingqiu"]),
    ("长沙银行", ["changshayinhang", "csyh"], ["yinxing"]),
    ("㐀氏商行", ["shishang"], ["shangshi"]),
]


@pytest.mark.parametrize(("name", "finds", "misses"), BY_PINYIN)
def test_found_by_pinyin(rep: Actor, name: str, finds: list[str], misses: list[str]) -> None:
    created = create_customer(actor=rep, values={"name": name})
    for text in finds:
        assert [row.pk for row in find_customers(rep, {"q": text})] == [created.pk], text
    for text in misses:
        assert not find_customers(rep, {"q": text}).exists(), text


def test_characters_and_pinyin_in_one_search(rep: Actor, customer: Customer) -> None:
    assert [row.pk for row in find_customers(rep, {"q": "西湖 longjing"})] == [customer.pk]
    assert not find_customers(rep, {"q": "外滩 longjing"}).exists()


def test_the_number_of_keys_is_bounded() -> None:
    assert len(search_keys(NAME, phones=["13800138000"])) < 100
    assert len(search_keys("单曾仇重长行乐" * 8)) < 400


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=CHINESE, data=st.data())
def test_every_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    keys, grams = set(search_keys(name)), [part[i : i + 2] for i in range(len(part) - 1)] or [part]
    assert set(grams) <= keys


def test_the_end_of_a_long_message_is_found(team: Team) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(490)) + "龙井礼盒"
    received = written(text)
    assert [row.pk for row in find_messages(team["agent"], {"q": "龙井礼盒"})] == [received.message_id]
    assert [row.pk for row in find_messages(team["agent"], {"q": text[200:230]})] == [received.message_id]


def test_the_search_over_everything_stays_in_ones_sight(team: Team) -> None:
    mine = create_customer(actor=team["rep"], values={"name": "狮峰茶行"})
    person = create_contact(actor=team["rep2"], values={"name": "狮峰李"})
    hits = {part: {(hit.kind, hit.id) for hit in search_everything(team[part], "狮峰")} for part in ("rep", "rep2")}
    assert hits == {"rep": {("customer", mine.pk)}, "rep2": {("contact", person.pk)}}
    assert {hit.kind for hit in search_everything(team["owner"], "狮峰")} == {"customer", "contact"}
    assert search_everything(team["owner"], "狮峰", kinds=["contact"])[0].id == person.pk
    assert search_everything(team["owner"], " ") == []
