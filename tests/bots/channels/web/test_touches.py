"""Where visitors come from."""

import pytest

from bots.channels.web.touches import clean_url, read_touch


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://shop.cn/a?utm_source=x#top", "https://shop.cn/a?utm_source=x"),
        ("https://user:secret@shop.cn:8443/", "https://shop.cn:8443/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://[bad", ""),
        ("https://shop.cn:99999999/", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_without_what_does_not_belong_there(given: str, kept: str) -> None:
    """Passwords and fragments are nobody's business, other schemes are no pages."""
    assert clean_url(given) == kept


def test_a_long_address_is_cut_not_refused() -> None:
    """A shop's address may be long; the visitor must be able to write all the same."""
    assert len(clean_url("https://shop.cn/" + "a" * 5000)) == 500


def test_a_touch_has_campaign_page_and_the_outside_referrer() -> None:
    """What marketing asks for, and nothing else of the query."""
    touch = read_touch(
        url="https://www.shop.cn/tea?utm_source=baidu&utm_campaign=%E6%98%8E%E5%89%8D&session=secret&bd_vid=9",
        title=" 明前龙井 ",
        referrer="https://www.baidu.com/s?wd=x",
    )
    assert touch["utm_source"] == "baidu"
    assert touch["utm_campaign"] == "明前"
    assert touch["bd_vid"] == "9"
    assert touch["title"] == "明前龙井"
    assert touch["referrer"] == "https://www.baidu.com/s?wd=x"
    assert "session" not in touch


def test_a_click_inside_the_site_is_no_referrer() -> None:
    """`www.` makes no other site."""
    assert "referrer" not in read_touch(url="https://shop.cn/b", title="", referrer="https://www.shop.cn/a")


def test_nothing_known_gives_a_touch_of_the_channel_alone() -> None:
    """The standalone page has neither."""
    assert set(read_touch(url="", title="", referrer="")) == {"channel", "at"}
