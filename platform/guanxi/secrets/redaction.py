"""Keeps secrets out of logs and of the audit trail."""

import logging
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
# Names that hold a secret whatever their value looks like. `key` alone is too common a word.
_SECRET_NAME = re.compile(
    r"(passw(or)?d|secret|token|api_?key|access_?key|private_?key|aes_?key|credential|authorization|cookie|session_?key|signature|otp)",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"\bv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_=-]{38,}"
    r"|\bgx_[A-Za-z0-9_-]{8,}"
    r"|\b[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9]{8,}"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{8,}"
    r"|(?<=access_token=)[^&\s\"']+|(?<=secret=)[^&\s\"']+|(?<=password=)[^&\s\"']+"
    r"|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"
)


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def redact_text(text: str) -> str:
    """Return the text with sealed values, API keys, bearer tokens and passwords of URLs replaced."""
    return _SECRET_TEXT.sub(HIDDEN, text)


def redact(value: Any) -> Any:
    """Return a copy of nested dicts, lists and text without their secrets."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if value[key] and is_secret_name(str(key)) else redact(value[key]) for key in value}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


class RedactingFilter(logging.Filter):
    """Redacts the message of a log record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's message; always let it pass."""
        record.msg = redact_text(record.getMessage())
        record.args = None
        return True
