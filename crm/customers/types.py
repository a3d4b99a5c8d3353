"""Small types of customers."""

import re
import unicodedata
from dataclasses import dataclass

_NOT_PHONE = re.compile(r"[^\d+]")


def normalise_phone(text: str) -> str:
    """Return the digits of a phone, without +86 and separators; full-width digits become plain ones."""
    digits = _NOT_PHONE.sub("", unicodedata.normalize("NFKC", text))
    if digits.startswith("+86"):
        digits = digits[3:]
    elif digits.startswith("0086"):
        digits = digits[4:]
    elif len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return digits.lstrip("+")


def normalise_email(text: str) -> str:
    """Return an e-mail address in lower case, without spaces round it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@dataclass(frozen=True, slots=True)
class PersonKey:
    """One thing that a person is known by: an identity's kind, its normalised value, and whether the channel vouches
    for it.
    """

    kind: str
    value: str
    verified: bool = False
    display_name: str = ""
    avatar_url: str = ""
