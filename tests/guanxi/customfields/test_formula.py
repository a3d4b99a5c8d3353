"""The language of formulas: parsed as written, computed as Python would, and never an error at somebody's save."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.customfields import formula
from guanxi.customfields.formula import BOOLEAN, DATE, NUMBER, TEXT, FormulaError, compute, parse, type_of

TYPES = {"amount": NUMBER, "custom.cost": NUMBER, "name": TEXT, "start": DATE, "end": DATE, "ok": BOOLEAN}
VALUES: dict[str, Any] = {
    "amount": Decimal(200), "custom.cost": Decimal(50), "name": "西湖", "start": date(2026, 1, 1),
    "end": date(2026, 3, 1), "ok": True, "empty": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answer", "kind"),
    [
        ("1 + 2 * 3", Decimal(7), NUMBER),
        ("(1 + 2) * 3", Decimal(9), NUMBER),
        ("-{amount} - -1", Decimal(-199), NUMBER),
        ("8 - 3 - 2", Decimal(3), NUMBER),
        ("16 / 4 / 2", Decimal(2), NUMBER),
        ("round(({amount} - {custom.cost}) / {amount} * 100, 1)", Decimal("75.0"), NUMBER),
        ("round(2.5)", Decimal(3), NUMBER),
        ("if({amount} >= 100, '大', \"小\")", "大", TEXT),
        ("concat({name}, '-', {amount})", "西湖-200", TEXT),
        ("days({start}, {end})", Decimal(59), NUMBER),
        ("{end} - {start}", Decimal(59), NUMBER),
        ("{start} + 30", date(2026, 1, 31), DATE),
        ("and({ok}, {amount} > 1, not(empty({name})))", True, BOOLEAN),
        ("min(3, 1, 2) + max(1, 5) + abs(-2)", Decimal(8), NUMBER),
        ("{amount} / 0", None, NUMBER),
        ("{start} + 99999999", None, DATE),
        ("coalesce({name}, 'x')", "西湖", TEXT),
    ],
)
def test_answers(text: str, answer: Any, kind: str) -> None:
    tree = parse(text)
    assert compute(tree, VALUES) == answer
    assert type_of(tree, TYPES) == kind


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formula_syntax"), ("1 +", "formula_syntax"), ("(1", "formula_syntax"), ("1 2", "formula_syntax"),
        ("import(1)", "formula_function"), ("__import__('os')", "formula_sign"), ("round()", "formula_arguments"),
        ("if(1)", "formula_arguments"), ("(" * 40 + "1" + ")" * 40, "formula_too_deep"),
        ("-" * 60 + "1", "formula_too_deep"), ("1" * 1001, "formula_too_long"), ("{A}", "formula_sign"),
        ("a.b", "formula_sign"), ("1; 2", "formula_sign"), ("lambda", "formula_function"),
    ],
)  # fmt: skip
def test_refusals(text: str, code: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["{amount} + {name}", "{start} + {end}", "if({amount}, 1, 2)", "if({ok}, 1, 'a')", "round({name})",
             "{amount} = {name}", "days({amount}, {start})"],
)  # fmt: skip
def test_types_that_do_not_go_together(text: str) -> None:
    with pytest.raises(FormulaError, match="formula_types"):
        type_of(parse(text), TYPES)


def test_unknown_field() -> None:
    with pytest.raises(FormulaError, match="formula_field"):
        type_of(parse("{nowhere} + 1"), TYPES)


def _written(node: formula.Node) -> str:
    if isinstance(node, formula.Literal):
        return f"'{node.value}'" if isinstance(node.value, str) else f"{node.value:f}"
    if isinstance(node, formula.Field):
        return f"{{{node.name}}}"
    parts = [_written(part) for part in node.arguments]
    if node.name == "negative":
        return f"-({parts[0]})"
    if node.name in formula.FUNCTIONS:
        return f"{node.name}({', '.join(parts)})"
    return f"({f' {node.name} '.join(parts)})"


numbers = st.one_of(
    st.decimals(min_value=0, max_value=10**6, places=2).map(formula.Literal), st.just(formula.Field("amount"))
)
arithmetic: st.SearchStrategy[formula.Node] = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), st.tuples(inner, inner)).map(lambda pair: formula.Call(*pair)),
        inner.map(lambda one: formula.Call("negative", (one,))),
        st.tuples(st.sampled_from(("min", "max")), st.tuples(inner, inner)).map(lambda pair: formula.Call(*pair)),
    ),
    max_leaves=12,
)


def _by_python(node: formula.Node) -> float | None:
    if isinstance(node, formula.Literal):
        return float(node.value)
    if isinstance(node, formula.Field):
        return 200.0
    values = [_by_python(part) for part in node.arguments]
    if any(value is None for value in values):
        return None
    one, two = values[0] or 0.0, (values[1] if len(values) > 1 else 0.0) or 0.0
    steps = {
        "+": one + two, "-": one - two, "*": one * two, "/": one / two if two else None, "negative": -one,
        "min": min(one, two), "max": max(one, two),
    }  # fmt: skip
    answer = steps[node.name]
    return None if answer is not None and abs(answer) > 10**15 else answer


@given(arithmetic)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_what_is_computed(node: formula.Node) -> None:
    tree = parse(_written(node)) if len(_written(node)) <= formula.MAX_LENGTH else node
    assert type_of(tree, TYPES) == NUMBER
    ours, theirs = compute(tree, VALUES), _by_python(node)
    assert compute(node, VALUES) == ours
    if ours is None or theirs is None:
        # A subtraction of near numbers may be nothing to a float and something to a decimal, or the other way.
        assert ours is None or "/" in _written(node) or abs(theirs or float(ours)) >= 10**14
    elif "/" not in _written(node):
        assert float(ours) == pytest.approx(theirs, rel=1e-6, abs=1e-3)


@given(st.text(alphabet="0123456789.+-*/(){},'\"<>=! abcifroundamt", max_size=60))
@settings(max_examples=500, deadline=None)
def test_no_text_breaks_it(text: str) -> None:
    try:
        tree = parse(text)
        type_of(tree, TYPES)
    except FormulaError:
        return
    compute(tree, VALUES)
    assert compute(tree, {}) is None or formula.fields_in(tree) <= set(TYPES)
