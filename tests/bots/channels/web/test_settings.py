"""What a web channel may be set to."""

import pytest

from bots.channels.web.types import WebSettings, clean_settings, normalise_origin
from guanxi.common.errors import Invalid


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://shop.cn", "https://shop.cn"),
        (" HTTPS://Shop.cn:443/page?x=1 ", "https://shop.cn"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("shop.cn", "https://shop.cn"),
        ("https://*.shop.cn", "https://*.shop.cn"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, origin: str) -> None:
    """People paste addresses; the browser compares origins."""
    assert normalise_origin(given) == origin
    assert clean_settings({"allowed_origins": [given]}).allowed_origins == (origin,)


@pytest.mark.parametrize(
    "given",
    ["javascript:alert(1)", "https://", "https://a b.cn", "https://x;script-src *", "https://*", "ftp://shop.cn"],
)
def test_what_is_no_origin_is_refused_before_it_reaches_a_policy(given: str) -> None:
    """An allowed origin stands in a header: nothing but an origin may."""
    with pytest.raises(Invalid) as refusal:
        clean_settings({"allowed_origins": [given]})
    assert refusal.value.fields == {"allowed_origins": "invalid"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"color": "red"}, "color"),
        ({"color": "#0f7b6c;}"}, "color"),
        ({"side": "top"}, "side"),
        ({"greeting": {"zh": "好" * 501}}, "greeting"),
        ({"starters": {"zh": ["问"] * 6}}, "starters.zh"),
        ({"starters": {"en": ["x" * 61]}}, "starters.en"),
        ({"allowed_origins": [f"https://shop{n}.cn" for n in range(51)]}, "allowed_origins"),
    ],
)
def test_each_wrong_value_names_its_field(values: dict[str, object], field: str) -> None:
    """The form shows the refusal beside the field."""
    with pytest.raises(Invalid) as refusal:
        clean_settings(values)
    assert list(refusal.value.fields) == [field]


def test_settings_survive_the_row_they_are_kept_in() -> None:
    """What a row keeps is read back as the same settings; an empty row gives the defaults."""
    settings = clean_settings(
        {
            "allowed_origins": ["https://shop.cn", "https://shop.cn/"],
            "color": "#AA00FF",
            "side": "left",
            "greeting": {"zh": " 您好 ", "en": "Hello"},
            "starters": {"zh": ["怎么  发货？", ""], "en": []},
        }
    )
    assert settings.allowed_origins == ("https://shop.cn",)
    assert settings.starters.zh == ("怎么 发货？",)
    assert clean_settings(settings.as_json()) == settings
    assert clean_settings({}) == WebSettings()
