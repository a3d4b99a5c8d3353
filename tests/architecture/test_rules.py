"""Every module of the product against every rule that a syntax tree can show."""

import pytest

from tests.architecture.rules import LIBRARIES, RULES, Rule
from tests.architecture.sources import product


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Rule) -> None:
    breaches = [breach for source in product() for breach in rule(source)]
    assert breaches == []


def test_libraries_have_no_models() -> None:
    parts = {source.app for source in product() if source.parts[2:3] in {("models",), ("migrations",)}}
    assert parts & LIBRARIES == set()
