"""Makes values of cells: phones that Excel made numbers, dates in any of the usual forms, amounts with signs."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from crm.customers.types import normalise_email, normalise_phone
from crm.imports.columns.words import LANGUAGES, catalogue, choice_word
from crm.records.fields import FieldType, RecordField
from guanxi.common import clock

MAX_TEXT, MAX_LONG_TEXT, MAX_TAGS = 500, 20_000, 50
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# Letters other than those of an extension.
_NO_PHONE = re.compile(r"[^\W\d_extEXT\u8f6c\u5206\u673a]")
_EXPONENT = re.compile(r"\d(?:\.(\d+))?[eE]\+?(\d+)")
_DAY = re.compile(r"(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})\u65e5?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"[T\s]*(\d{1,2})[:：\u65f6](\d{1,2})\u5206?(?:[:：](\d{1,2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
_TAG_SIGNS = re.compile(r"[,，;；、|\n\r]+")
_MONEY_SIGNS = re.compile(r"[\s,，¥￥$\u5143]|RMB|CNY", re.IGNORECASE)
_TEN_THOUSANDS = {chr(0x4E07): 4, "w": 4, "W": 4, "k": 3, "K": 3, chr(0x4EBF): 8}
EXCEL_DAYS = (20_000, 80_000)
EXCEL_BEGIN = date(1899, 12, 30)
LARGEST = Decimal(10) ** 15


class CellFault(Exception):
    """A cell that holds no value of its field; `code` has its words in the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Convert = Callable[[Any], Any]


def text_of(cell: Any) -> str:
    """Return a cell as text, without spaces round it and without the sign that keeps a formula from being one."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S" if cell.time() != time() else "%Y-%m-%d")
    if isinstance(cell, date):
        return cell.isoformat()
    text = cell.strip() if isinstance(cell, str) else str(cell).strip()
    if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"}:
        return text[1:]
    return text.replace("\x00", "")


def converter_of(field: RecordField, *, zone: str, words: Iterable[tuple[str, ...]] = ()) -> Convert:
    """Return what makes a value of this field from a cell that is not empty; it raises CellFault.

    `words` gives what else a choice may be called: its id and its labels.
    """
    simple: dict[FieldType, Convert] = {
        FieldType.PHONE: phone,
        FieldType.EMAIL: email,
        FieldType.LINK: link,
        FieldType.INTEGER: integer,
        FieldType.NUMBER: number,
        FieldType.MONEY: money,
        FieldType.DATE: day,
        FieldType.BOOLEAN: boolean,
        FieldType.TAGS: tags,
        FieldType.LONG_TEXT: lambda cell: _bounded(str(cell).strip(), MAX_LONG_TEXT),
        FieldType.DATETIME: lambda cell: moment(cell, zone),
    }
    if field.type is FieldType.CHOICE or (field.type is FieldType.TEXT and field.choices):
        return _choice_converter(field, words)
    if field.type is FieldType.CHOICES:
        one = _choice_converter(field, words)
        return lambda cell: [one(part) for part in tags(cell)]
    return simple.get(field.type, text)


def _bounded(value: str, longest: int) -> str:
    if len(value) > longest:
        raise CellFault("too_long")
    return value


def text(cell: Any) -> str:
    """Return a line of text."""
    return _bounded(" ".join(text_of(cell).split()), MAX_TEXT)


def phone(cell: Any) -> str:
    """Return the digits of a phone; refuse one whose digits Excel has rounded away."""
    value = unicodedata.normalize("NFKC", text_of(cell))
    if match := _EXPONENT.fullmatch(value):
        digits, power = match[1] or "", int(match[2])
        if len(digits) < power:
            raise CellFault("phone_rounded")
        value = str(int(Decimal(value)))
    elif value.endswith(".0") and value[:-2].isdigit():
        value = value[:-2]
    if _NO_PHONE.search(value):
        raise CellFault("bad_phone")
    digits = normalise_phone(value)
    if not 5 <= len(digits) <= 20:
        raise CellFault("bad_phone")
    return digits


def email(cell: Any) -> str:
    """Return an address in its normal form."""
    value = normalise_email(text_of(cell))
    if not _EMAIL.fullmatch(value):
        raise CellFault("bad_email")
    return _bounded(value, 254)


def link(cell: Any) -> str:
    """Return a web address; one without a scheme is taken as it is written."""
    value = text_of(cell)
    if re.search(r"\s", value) or (
        ":" in value.split("/")[0] and not value.lower().startswith(("http://", "https://"))
    ):
        raise CellFault("bad_link")
    return _bounded(value, 2000)


def _decimal(cell: Any) -> Decimal:
    value = _MONEY_SIGNS.sub("", unicodedata.normalize("NFKC", text_of(cell)))
    power = _TEN_THOUSANDS.get(value[-1:], 0)
    if power:
        value = value[:-1]
    try:
        found = Decimal(value).scaleb(power)
    except InvalidOperation:
        raise CellFault("bad_number") from None
    if not found.is_finite() or abs(found) >= LARGEST:
        raise CellFault("bad_number")
    return found


def integer(cell: Any) -> int:
    """Return a whole number."""
    value = _decimal(cell)
    if value != int(value):
        raise CellFault("bad_number")
    if value < 0:
        raise CellFault("negative")
    if value > 2_000_000_000:
        raise CellFault("bad_number")
    return int(value)


def number(cell: Any) -> float:
    """Return a number."""
    value = text_of(cell)
    if value.endswith(("%", "\uff05")):
        return float(_decimal(value[:-1])) / 100
    return float(_decimal(value))


def money(cell: Any) -> Decimal:
    """Return an amount with two digits behind the point."""
    value = _decimal(cell)
    if value < 0:
        raise CellFault("negative")
    return value.quantize(Decimal("0.01"))


def _day_in(value: str) -> tuple[date, str]:
    """Return the day with which a text begins, and what follows it."""
    match = _DAY.match(value) or _COMPACT.match(value)
    if match is None:
        raise CellFault("bad_date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3])), value[match.end() :]
    except ValueError:
        raise CellFault("bad_date") from None


def _excel_moment(value: str) -> datetime | None:
    """Return the moment of a number of days as Excel counts them, None for any other text."""
    try:
        days = float(value)
    except ValueError:
        return None
    if not EXCEL_DAYS[0] <= days <= EXCEL_DAYS[1]:
        return None
    return datetime.combine(EXCEL_BEGIN, time()) + timedelta(seconds=round(days * 86_400))


def day(cell: Any) -> date:
    """Return a day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = unicodedata.normalize("NFKC", text_of(cell))
    if (found := _excel_moment(value)) is not None:
        return found.date()
    return _day_in(value)[0]


def moment(cell: Any, zone: str) -> datetime:
    """Return a moment, in the zone of who imports unless it names its own."""
    if isinstance(cell, datetime):
        return _zoned(cell, zone)
    if isinstance(cell, date):
        return _zoned(datetime.combine(cell, time()), zone)
    value = unicodedata.normalize("NFKC", text_of(cell))
    if (found := _excel_moment(value)) is not None:
        return _zoned(found, zone)
    begin, rest = _day_in(value)
    if not rest.strip():
        return _zoned(datetime.combine(begin, time()), zone)
    match = _TIME.fullmatch(rest)
    if match is None:
        raise CellFault("bad_date")
    try:
        clock_time = time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        raise CellFault("bad_date") from None
    named = datetime.combine(begin, clock_time)
    if match[4]:
        return datetime.fromisoformat(named.isoformat() + match[4].replace("Z", "+00:00"))
    return _zoned(named, zone)


def _zoned(value: datetime, zone: str) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC)


def past_moment(value: datetime) -> datetime:
    """Return a moment that has been; refuse one that is still to come."""
    if value > clock.now():
        raise CellFault("bad_date")
    return value


def _known_booleans() -> dict[str, bool]:
    known = {"1": True, "0": False, "y": True, "n": False, "true": True, "false": False}
    for language in LANGUAGES:
        words = catalogue(language)["choices"]["boolean"]
        known |= {words["true"].casefold(): True, words["false"].casefold(): False}
    return known


def boolean(cell: Any) -> bool:
    """Return yes or no."""
    found = _known_booleans().get(text_of(cell).casefold())
    if found is None:
        raise CellFault("bad_boolean")
    return found


def tags(cell: Any) -> list[str]:
    """Return the parts of a text that commas divide, each once."""
    found = list(dict.fromkeys(part.strip()[:60] for part in _TAG_SIGNS.split(text_of(cell)) if part.strip()))
    if len(found) > MAX_TAGS:
        raise CellFault("too_long")
    return found


def _choice_converter(field: RecordField, words: Iterable[tuple[str, ...]]) -> Convert:
    known = {choice.casefold(): choice for choice in field.choices}
    known |= {label.casefold(): option for option, *labels in words if option in field.choices for label in labels}
    for language in LANGUAGES:
        for kind in ("customer", "contact", "lead", "deal"):
            for choice in field.choices:
                known.setdefault(choice_word(language, kind, field.name, choice).casefold(), choice)

    def convert(cell: Any) -> str:
        found = known.get(" ".join(text_of(cell).split()).casefold())
        if found is None:
            raise CellFault("unknown_choice")
        return found

    return convert
