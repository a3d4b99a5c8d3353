"""Reads Stripe's form encoding, `items[0][price]=…`, and holds what was sent against what an endpoint takes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.stripe.errors import Refusal

Json = dict[str, Any]
PART = re.compile(r"\[([^\]]*)\]")


def read_form(text: str) -> Json:
    """Return the nested values; lists come with their numbers as keys and are put in order."""
    found: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.partition("[")[0]
        path = [head, *PART.findall(name)]
        place = found
        for step in path[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise Refusal.parameter_invalid(name)
        place[path[-1]] = value
    return {name: _in_order(value) for name, value in found.items()}


def _in_order(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _in_order(part) for name, part in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


class Reader:
    """Takes parameters out one by one; what is left at the end is unknown."""

    def __init__(self, form: Json, prefix: str = "") -> None:
        self._left = dict(form)
        self._prefix = prefix

    def text(self, name: str, *, required: bool = False, choices: tuple[str, ...] = ()) -> str:
        value = self._left.pop(name, None)
        if value is None or value == "":
            if required:
                raise Refusal.parameter_missing(self._full(name))
            return ""
        if not isinstance(value, str) or (choices and value not in choices):
            raise Refusal.parameter_invalid(self._full(name))
        return value

    def number(self, name: str, *, default: int | None = None, least: int = 0, most: int = 99_999_999) -> int:
        value = self._left.pop(name, None)
        if value is None:
            if default is None:
                raise Refusal.parameter_missing(self._full(name))
            return default
        if not isinstance(value, str) or not value.isdecimal() or not least <= int(value) <= most:
            raise Refusal.parameter_invalid(self._full(name))
        return int(value)

    def flag(self, name: str) -> bool | None:
        value = self._left.pop(name, None)
        if value not in (None, "true", "false", "True", "False"):
            raise Refusal.parameter_invalid(self._full(name))
        return None if value is None else value.lower() == "true"

    def table(self, name: str) -> dict[str, str]:
        value = self._left.pop(name, {}) or {}
        if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
            raise Refusal.parameter_invalid(self._full(name))
        return value

    def words(self, name: str) -> list[str]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Refusal.parameter_invalid(self._full(name))
        return value

    def part(self, name: str) -> Reader | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Refusal.parameter_invalid(self._full(name))
        return Reader(value, self._full(name))

    def parts(self, name: str) -> list[Reader]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise Refusal.parameter_invalid(self._full(name))
        return [Reader(part, f"{self._full(name)}[{at}]") for at, part in enumerate(value)]

    def done(self) -> None:
        for name in self._left:
            raise Refusal(400, "parameter_unknown", f"Received unknown parameter: {self._full(name)}", self._full(name))

    def _full(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name
