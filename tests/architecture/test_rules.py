"""Every module of the product against every rule that a syntax tree can show."""

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.sources import product


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Rule) -> None:
    breaches = [breach for source in product() for breach in rule(source)]
    assert breaches == []
