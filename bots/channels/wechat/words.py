"""The few words that the channel itself adds to a message, in the workspace's language."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tenants.workspaces.selectors import current_workspace

CATALOGUES = Path(__file__).with_name("words")


@lru_cache(maxsize=8)
def _catalogue(locale: str) -> dict[str, str]:
    path = CATALOGUES / f"{'en' if locale.startswith('en') else 'zh-CN'}.json"
    words: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return words


def word(name: str) -> str:
    """Return a word of the catalogue."""
    return _catalogue(current_workspace().locale)[name]


def with_label(text: str) -> str:
    """Return a generated text with its visible label."""
    return f"{text}\n{word('generated')}"


def menu_text(head: str, payload: dict[str, Any]) -> str:
    """Return a menu as a text whose lines can be tapped; a tap sends the line, as an item of a menu message does."""
    lines = [
        f'<a href="weixin://bizmsgmenu?msgmenucontent={quote(text)}&msgmenuid={quote(key)}">{_plain(text)}</a>'
        for key, text in menu_items(payload)
    ]
    return "\n".join(part for part in (head, *lines, str(payload.get("tail") or "")) if part)


def menu_items(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the items of a menu as (id, text)."""
    items = payload.get("items") or []
    return [(str(item.get("id", "")), str(item.get("text", ""))) for item in items if item.get("text")]


def _plain(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞")
