"""What a web channel is set to, and who a visitor is."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from guanxi.common.errors import Invalid

KIND = "web"
ROUTE_KIND = "widget_key"
KEY_PREFIX = "gxw_"
KEY = re.compile(r"^gxw_[\w-]{8,64}$", re.ASCII)
COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")
ORIGIN = re.compile(r"^https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$")
DEFAULT_COLOR = "#0f7b6c"
DEFAULT_SIDE = "right"
MAX_ORIGINS = 50
MAX_STARTERS = 5
MAX_GREETING = 500
MAX_STARTER = 60
MAX_TEXT = 4000
MAX_FILE_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Words:
    """A text in the two languages that visitors read; an empty one falls back to the other, then to the page's own."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Starters:
    """Questions that a visitor may tap before typing anything."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the chat looks and where it may stand. No allowed origin means any site."""

    allowed_origins: tuple[str, ...] = ()
    color: str = DEFAULT_COLOR
    side: str = DEFAULT_SIDE
    greeting: Words = field(default_factory=Words)
    starters: Starters = field(default_factory=Starters)

    def as_json(self) -> dict[str, Any]:
        """Return what the channel's row keeps."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class WebChannel:
    """A web channel as the visitor's side needs it."""

    id: int
    key: str
    name: str
    settings: WebSettings


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on the site: a random id of their browser, on one channel, and where they first came from."""

    key: str
    id: str
    first_touch: Mapping[str, str] = field(default_factory=dict)


def _texts(value: Any, limit: int, length: int, name: str) -> tuple[str, ...]:
    texts = tuple(" ".join(str(text).split()) for text in (value or []))
    texts = tuple(text for text in texts if text)
    if len(texts) > limit or any(len(text) > length for text in texts):
        raise Invalid(
            "too_many_or_too_long",
            f"At most {limit} entries of {length} characters. Nothing was saved.",
            fields={name: "too_long"},
        )
    return texts


def normalise_origin(text: str) -> str:
    """Return an origin as browsers send it: `HTTPS://Shop.cn:443/x` is `https://shop.cn`; a bare host means https."""
    origin = text.strip().lower()
    if "://" not in origin:
        origin = f"https://{origin}"
    scheme, _, rest = origin.partition("://")
    host = rest.split("/", 1)[0]
    default_port = ":443" if scheme == "https" else ":80"
    return f"{scheme}://{host.removesuffix(default_port)}"


def clean_settings(values: Mapping[str, Any]) -> WebSettings:
    """Return settings from what a form or a row brings. Raises Invalid with the field that is wrong."""
    origins = tuple(
        dict.fromkeys(
            normalise_origin(str(origin)) for origin in values.get("allowed_origins") or [] if str(origin).strip()
        )
    )
    wrong = [origin for origin in origins if not ORIGIN.match(origin)]
    if wrong or len(origins) > MAX_ORIGINS:
        raise Invalid(
            "origin_invalid",
            "An origin looks like https://shop.example.com or https://*.example.com. Nothing was saved.",
            fields={"allowed_origins": "invalid"},
            params={"origins": wrong[:5]},
        )
    color = str(values.get("color") or DEFAULT_COLOR)
    if not COLOR.match(color):
        raise Invalid("color_invalid", "A colour looks like #0f7b6c. Nothing was saved.", fields={"color": "invalid"})
    side = str(values.get("side") or DEFAULT_SIDE)
    if side not in {"left", "right"}:
        raise Invalid("side_invalid", "The side is left or right. Nothing was saved.", fields={"side": "invalid"})
    greeting = values.get("greeting") or {}
    words = Words(zh=str(greeting.get("zh") or "").strip(), en=str(greeting.get("en") or "").strip())
    if max(len(words.zh), len(words.en)) > MAX_GREETING:
        raise Invalid(
            "greeting_too_long",
            f"At most {MAX_GREETING} characters. Nothing was saved.",
            fields={"greeting": "too_long"},
        )
    starters = values.get("starters") or {}
    return WebSettings(
        allowed_origins=origins,
        color=color.lower(),
        side=side,
        greeting=words,
        starters=Starters(
            zh=_texts(starters.get("zh"), MAX_STARTERS, MAX_STARTER, "starters.zh"),
            en=_texts(starters.get("en"), MAX_STARTERS, MAX_STARTER, "starters.en"),
        ),
    )
