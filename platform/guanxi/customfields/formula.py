"""The language of formulas: numbers, texts, dates and fields in braces, with a handful of functions; nothing else.

A formula is parsed into a small tree, its types are checked when it is written down, and it is computed over the
values of one record. What has no answer (an empty field, a division by zero) is empty, never an error at somebody's
save.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, DecimalException, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from guanxi.common.clock import BUSINESS_ZONE

MAX_LENGTH, MAX_DEPTH, MAX_TEXT = 1000, 30, 500
LARGEST = Decimal(10) ** 15
NUMBER, TEXT, DATE, BOOLEAN, ANY = "number", "text", "date", "boolean", "any"
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>"[^"]*"|'[^']*')|\{(?P<field>[a-z][a-z0-9_.]*)\}"""
    r"""|(?P<name>[a-z]+)|(?P<sign><=|>=|!=|[-+*/(),=<>]))""",
    re.ASCII,
)


class FormulaError(Exception):
    """The formula says nothing that can be computed; `code` names why, `at` is the place in the text."""

    def __init__(self, code: str, at: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.at = at


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a text."""

    value: Decimal | str


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a field."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function over its arguments."""

    name: str
    arguments: "tuple[Node, ...]"


Node = Literal | Field | Call


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None or found.lastgroup is None:
            raise FormulaError("formula_sign", at)
        yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
        at = found.end()
    yield _Token("end", "", len(stripped))


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0
        self.depth = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *signs: str) -> str | None:
        if self.now.kind == "sign" and self.now.text in signs:
            self.place += 1
            return self.tokens[self.place - 1].text
        return None

    def need(self, sign: str) -> None:
        if self.take(sign) is None:
            raise FormulaError("formula_syntax", self.now.at)

    def comparison(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("formula_too_deep", self.now.at)
        left = self.sum()
        if sign := self.take(*COMPARISONS):
            left = Call(sign, (left, self.sum()))
        self.depth -= 1
        return left

    def sum(self) -> Node:
        left = self.product()
        while sign := self.take("+", "-"):
            left = Call(sign, (left, self.product()))
        return left

    def product(self) -> Node:
        left = self.unary()
        while sign := self.take("*", "/"):
            left = Call(sign, (left, self.unary()))
        return left

    def unary(self) -> Node:
        signs = 0
        while self.take("-"):
            signs += 1
            if signs > MAX_DEPTH:
                raise FormulaError("formula_too_deep", self.now.at)
        node = self.primary()
        for _ in range(signs):
            node = Call("negative", (node,))
        return node

    def primary(self) -> Node:
        token = self.now
        if self.take("("):
            inner = self.comparison()
            self.need(")")
            return inner
        self.place += 1
        if token.kind == "number":
            return Literal(Decimal(token.text))
        if token.kind == "text":
            return Literal(token.text[1:-1])
        if token.kind == "field":
            return Field(token.text)
        if token.kind == "name" and token.text in FUNCTIONS:
            return Call(token.text, tuple(self.arguments(token)))
        self.place -= 1
        raise FormulaError("formula_function" if token.kind == "name" else "formula_syntax", token.at)

    def arguments(self, function: _Token) -> list[Node]:
        self.need("(")
        found = [] if self.now.text == ")" else [self.comparison()]
        while self.take(","):
            found.append(self.comparison())
        self.need(")")
        least, most, *_ = FUNCTIONS[function.text]
        if not least <= len(found) <= most:
            raise FormulaError("formula_arguments", function.at)
        return found


# name → least and most arguments, what they are, what comes out.
FUNCTIONS: dict[str, tuple[int, int, str, str]] = {
    "if": (3, 3, ANY, ANY),
    "round": (1, 2, NUMBER, NUMBER),
    "abs": (1, 1, NUMBER, NUMBER),
    "min": (1, 20, NUMBER, NUMBER),
    "max": (1, 20, NUMBER, NUMBER),
    "concat": (1, 20, ANY, TEXT),
    "days": (2, 2, DATE, NUMBER),
    "empty": (1, 1, ANY, BOOLEAN),
    "and": (1, 20, BOOLEAN, BOOLEAN),
    "or": (1, 20, BOOLEAN, BOOLEAN),
    "not": (1, 1, BOOLEAN, BOOLEAN),
    "coalesce": (1, 20, ANY, ANY),
}


def parse(text: str) -> Node:
    """Return the tree of a formula; raise FormulaError for what is none."""
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula_too_long", MAX_LENGTH)
    parser = _Parser(text)
    node = parser.comparison()
    if parser.now.kind != "end":
        raise FormulaError("formula_syntax", parser.now.at)
    return node


def fields_in(node: Node) -> set[str]:
    """Return the names of the fields that a formula reads."""
    if isinstance(node, Field):
        return {node.name}
    if isinstance(node, Call):
        return set().union(*(fields_in(argument) for argument in node.arguments))
    return set()


def type_of(node: Node, types: Mapping[str, str]) -> str:
    """Return what a formula yields; raise FormulaError for an unknown field, or for values that do not go together."""
    if isinstance(node, Literal):
        return TEXT if isinstance(node.value, str) else NUMBER
    if isinstance(node, Field):
        if node.name not in types:
            raise FormulaError("formula_field")
        return types[node.name]
    given = [type_of(argument, types) for argument in node.arguments]
    if node.name in COMPARISONS:
        _same(given)
        return BOOLEAN
    if node.name in FUNCTIONS:
        return _function_type(node.name, given)
    if node.name in "+-" and DATE in given:
        if node.name == "-" and given == [DATE, DATE]:
            return NUMBER
        if given != [DATE, NUMBER]:
            raise FormulaError("formula_types")
        return DATE
    _all(given, NUMBER)
    return NUMBER


def _function_type(name: str, given: list[str]) -> str:
    _, _, wanted, result = FUNCTIONS[name]
    if name == "if":
        _all(given[:1], BOOLEAN)
        return _same(given[1:])
    if wanted != ANY:
        _all(given, wanted)
    return _same(given) if result == ANY else result


def _all(given: list[str], wanted: str) -> None:
    if any(one != wanted for one in given):
        raise FormulaError("formula_types")


def _same(given: list[str]) -> str:
    if len(set(given)) > 1:
        raise FormulaError("formula_types")
    return given[0]


def compute(node: Node, values: Mapping[str, Any]) -> Any:
    """Return the answer over these values: Decimal, text, date, bool, or None where there is none."""
    with localcontext() as context:
        context.prec = 28
        try:
            return _compute(node, values)
        except (DecimalException, OverflowError, TypeError, ValueError):
            return None


def _compute(node: Node, values: Mapping[str, Any]) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Field):
        return values.get(node.name)
    if node.name == "if":
        return _compute(node.arguments[1 if _compute(node.arguments[0], values) else 2], values)
    given = [_compute(argument, values) for argument in node.arguments]
    if node.name in _OVER_EMPTY:
        return _OVER_EMPTY[node.name](given)
    if any(value is None for value in given):
        return False if node.name in COMPARISONS else None
    return _bounded(_OPERATIONS[node.name](*given))


def _bounded(value: Any) -> Any:
    return None if isinstance(value, Decimal) and (not value.is_finite() or abs(value) > LARGEST) else value


def _add(left: Any, right: Any) -> Any:
    return left + timedelta(days=int(right)) if isinstance(left, date) else left + right


def _subtract(left: Any, right: Any) -> Any:
    if isinstance(left, date):
        return Decimal((left - right).days) if isinstance(right, date) else left - timedelta(days=int(right))
    return left - right


def _round(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-max(0, min(6, int(digits)))), rounding=ROUND_HALF_UP)


def _concat(given: list[Any]) -> str:
    return "".join(as_text(value) for value in given)[:MAX_TEXT]


def as_text(value: Any) -> str:
    """Return a value as concat() writes it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return value.isoformat() if isinstance(value, date) else str(value)


_OVER_EMPTY: dict[str, Callable[[list[Any]], Any]] = {
    "concat": _concat,
    "empty": lambda given: given[0] is None or given[0] == "",
    "coalesce": lambda given: next((value for value in given if value not in (None, "")), None),
    "and": all,
    "or": any,
    "not": lambda given: not given[0],
}
_OPERATIONS: dict[str, Any] = {
    "+": _add,
    "-": _subtract,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else None,
    "negative": lambda value: -value,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "round": _round,
    "abs": abs,
    "min": min,
    "max": max,
    "days": lambda left, right: Decimal((right - left).days),
}


def formula_type(value_type: str) -> str | None:
    """Return what a field of this type is in a formula, None for one that no formula reads."""
    return {
        "integer": NUMBER, "number": NUMBER, "money": NUMBER, "date": DATE, "datetime": DATE, "boolean": BOOLEAN,
        "text": TEXT, "long_text": TEXT, "phone": TEXT, "email": TEXT, "link": TEXT, "choice": TEXT,
        "auto_number": TEXT,
    }.get(value_type)  # fmt: skip


def readable(value: Any, kind: str) -> Any:
    """Return a record's value as formulas read it."""
    if value is None or value == "":
        return None
    try:
        if kind == NUMBER:
            return Decimal(str(value))
        if kind == DATE:
            return _day(value)
    except (DecimalException, ValueError):
        return None
    return bool(value) if kind == BOOLEAN else str(value)


def _day(value: Any) -> date:
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    return value.astimezone(ZoneInfo(BUSINESS_ZONE)).date() if isinstance(value, datetime) else value
