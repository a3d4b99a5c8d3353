"""The size of things: the product holds its bounds, and the measure is seen to find what breaks them."""

import pytest

from tests.architecture.measure import measure
from tests.architecture.sources import PACKAGES, Source, product, top

DOCUMENTED = '"""What it is for."""\n'


@pytest.mark.parametrize("package", list(PACKAGES))
def test_the_product_holds_its_bounds(package: str) -> None:
    assert measure([source for source in product() if top(source.module) == package]).faults() == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        source.module
        for source in product()
        if source.text.strip() and not source.is_migration and not source.text.lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []


def function(lines: int) -> str:
    """Return a typed function of so many lines."""
    return "def f() -> None:\n" + "    pass\n" * (lines - 1)


def branching(forks: int) -> str:
    """Return a typed function with so many forks."""
    return "def f(x: int) -> None:\n" + "    if x:\n        pass\n" * forks


BREACHES = [
    ("file_max", DOCUMENTED + "x = 1\n" * 800),
    ("file_p95", DOCUMENTED + "x = 1\n" * 450),
    ("function_max", DOCUMENTED + function(121)),
    ("function_p95", DOCUMENTED + function(46)),
    ("complexity_p95", DOCUMENTED + branching(8)),
    ("complexity_p95", DOCUMENTED + "def f(a: int) -> bool:\n    return " + " and ".join(["a"] * 9) + "\n"),
    ("complexity_p95", DOCUMENTED + "def f(a: list[int]) -> object:\n    return [x for x in a" + " if x" * 8 + "]\n"),
    ("documented_percent", "x = 1\n"),
    ("typed_percent", DOCUMENTED + "def f(x) -> None: ...\n"),
    ("typed_percent", DOCUMENTED + "def f(x: int): ...\n"),
    ("typed_percent", DOCUMENTED + "class A:\n    def f(self, *, x) -> None: ...\n"),
    ("typed_percent", DOCUMENTED + "class A:\n    @staticmethod\n    def f(x) -> None: ...\n"),
    ("typed_percent", DOCUMENTED + "def f(*args) -> None: ...\n"),
]


@pytest.mark.parametrize(("bound", "text"), BREACHES, ids=[f"{bound}-{n}" for n, (bound, _) in enumerate(BREACHES)])
def test_a_breach_is_found(bound: str, text: str) -> None:
    faults = measure([Source("crm.leads.breach", text)]).faults()
    assert any(fault.startswith(f"{bound} is") for fault in faults), faults


AT_THE_BOUND = [
    DOCUMENTED + "x = 1\n" * 449,
    DOCUMENTED + function(45),
    DOCUMENTED + branching(7),
    DOCUMENTED + "class A:\n    def __init__(self, x: int): ...\n",
    DOCUMENTED + "class A:\n    @classmethod\n    def make(cls, *a: int, **k: int) -> 'A': ...\n",
    "",
]


@pytest.mark.parametrize("text", AT_THE_BOUND)
def test_what_is_at_the_bound_passes(text: str) -> None:
    assert measure([Source("crm.leads.fine", text)]).faults() == []


def test_nested_functions_are_measured_by_themselves() -> None:
    text = DOCUMENTED + "def outer() -> None:\n    def inner(x: int) -> int:\n        return 1 if x else 2\n"
    shape = measure([Source("crm.leads.nested", text)])
    assert sorted(value for value, _ in shape.complexity) == [1, 2]


def test_migrations_are_not_measured() -> None:
    assert measure([Source("crm.leads.migrations.0001_initial", "x = 1\n" * 2000)]).files == []
