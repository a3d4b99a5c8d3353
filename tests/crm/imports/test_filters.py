"""An export follows the conditions of the list."""

import json

from crm.customers.services import create_customer
from guanxi.access import Actor
from tests.crm.imports.tables import take_out


def test_conditions_of_the_list_hold(owner: Actor) -> None:
    for name, city in (("甲", "杭州"), ("乙", "上海")):
        create_customer(actor=owner, values={"name": name, "city": city})
    asked = json.dumps([{"field": "city", "op": "eq", "value": "杭州"}])
    assert take_out(owner, ["name"], filters={"filter": asked}).rows == 1
