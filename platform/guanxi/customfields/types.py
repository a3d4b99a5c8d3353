"""What sort of values a custom field may hold, and what each sort can do."""

import enum
from typing import Any


class ValueType(enum.StrEnum):
    """The type of a custom field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    MEMBER = "member"
    DEPARTMENT = "department"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    FILE = "file"
    RELATION = "relation"
    FORMULA = "formula"
    AUTO_NUMBER = "auto_number"


class DataClass(enum.StrEnum):
    """How near a value is to a person."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


T = ValueType
COMPUTED = frozenset({T.FORMULA, T.AUTO_NUMBER})
WITH_OPTIONS = frozenset({T.CHOICE, T.CHOICES})
REFERENCES = frozenset({T.MEMBER, T.DEPARTMENT, T.RELATION, T.FILE})
UNIQUE_TYPES = frozenset({T.TEXT, T.NUMBER, T.PHONE, T.EMAIL, T.LINK})
NOT_FILTERABLE = frozenset({T.LONG_TEXT, T.FILE})
SEARCHABLE_TYPES = frozenset({T.TEXT, T.PHONE, T.EMAIL, T.AUTO_NUMBER})
SORTABLE_TYPES = frozenset(set(T) - {T.LONG_TEXT, T.FILE, T.CHOICES, T.RELATION, T.MEMBER, T.DEPARTMENT, T.BOOLEAN})
# A value of the left type is a value of the right one as it stands.
SAFE_CHANGES = frozenset(
    {(T.TEXT, T.LONG_TEXT)}
    | {(before, after) for before in (T.PHONE, T.EMAIL, T.LINK) for after in (T.TEXT, T.LONG_TEXT)}
)
Custom = dict[str, Any]
EMPTY: tuple[Any, ...] = (None, "", [])


def is_empty(value: Any) -> bool:
    """Return whether a value says nothing; zero and no do say something."""
    return value is None or (isinstance(value, (str, list)) and not value)
