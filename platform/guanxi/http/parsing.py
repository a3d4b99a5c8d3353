"""Reads requests more strictly than Ninja does: what no database column can hold is refused at the door."""

from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from guanxi.common.errors import Invalid

NUL = "\x00"
ESCAPED_NUL = b"\\u0000"


class StrictParser(Parser):
    """Takes JSON as the standard defines it: no NaN, no halves of surrogate pairs; and no NUL in any text."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body; raise ValueError for what is no JSON or holds a NUL, which Ninja answers with 400."""
        found = orjson.loads(request.body)
        if ESCAPED_NUL in request.body and _holds_nul(found):
            raise ValueError("a text holds U+0000")
        return found

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> Any:
        """Return the query or the form."""
        if any(NUL in value for values in data.lists() for value in values[1] if isinstance(value, str)):
            raise Invalid("invalid_input", "A text holds the character U+0000, which no text may hold.")
        return super().parse_querydict(data, list_fields, request)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, dict):
        return any(NUL in key or _holds_nul(part) for key, part in value.items())
    return isinstance(value, list) and any(_holds_nul(part) for part in value)
