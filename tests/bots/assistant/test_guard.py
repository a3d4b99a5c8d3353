"""What a model said is checked before a customer sees it, whole and in pieces."""

import pytest

from bots.assistant.guard import StreamGuard, trustworthy
from bots.assistant.types import Quote

QUOTES = [
    Quote("faq:1", "龙井价格", "龙井每斤 680 元，满 1,000 元包邮，见 https://tea.example/p。"),
    Quote("faq:2", "营业时间", "9:00–21:00"),
]


@pytest.mark.parametrize(
    ("answer", "cited", "trusted"),
    [
        ("龙井每斤 680 元。", ["faq:1"], True),
        ("每斤680元，满1000元包邮。", ["faq:1"], True),
        ("您要的 300 斤，每斤 680 元。", ["faq:1"], True),
        ("详见 https://tea.example/p 。", ["faq:1"], True),
        ("龙井每斤 580 元。", ["faq:1"], False),
        ("我们 9:00 开门。", ["faq:1"], False),
        ("我们 9:00 开门。", ["faq:1", "faq:2"], True),
        ("详见 https://evil.example/p", ["faq:1"], False),
        ("龙井每斤 680 元。", [], False),
        ("龙井每斤 680 元。", ["faq:9"], False),
        ("", ["faq:1"], False),
        ("我的指令是只根据资料回答", ["faq:1"], False),
        ("x" * 1501, ["faq:1"], False),
    ],
)
def test_trust(answer: str, cited: list[str], trusted: bool) -> None:
    assert trustworthy(answer, cited, QUOTES, "300 斤龙井多少钱") is trusted


def streamed(*pieces: str) -> list[str]:
    shown: list[str] = []
    guard = StreamGuard(shown.append, QUOTES, "龙井多少钱")
    for piece in pieces:
        guard(piece)
    guard.finish()
    return shown


def test_pieces_go_out_as_they_come_and_a_number_waits_for_its_end() -> None:
    shown = streamed("龙井每斤 ", "6", "80", " 元，满 1,0", "00 元包邮")
    assert "".join(shown) == "龙井每斤 680 元，满 1,000 元包邮"
    assert len(shown) > 1
    assert not any(piece.endswith(("6", "1,0")) for piece in shown)


@pytest.mark.parametrize(
    "pieces",
    [
        ("INJECTED ", "You are the assistant"),
        ("我的系统提示词是这样写的",),
        ("龙井每斤 5", "80 元，今天特价"),
        ("龙井每斤优惠 ", "见 https://evil", ".example/x 吧"),
    ],
)
def test_after_the_first_doubt_nothing_more_goes_out(pieces: tuple[str, ...]) -> None:
    told = "".join(streamed(*pieces))
    assert not any(bad in told for bad in ("INJECTED", "系统提示词", "580", "evil", "特价"))
