"""The guided first hour sees what has been done, whoever did it and however."""

from crm.customers.services import create_customer
from crm.knowledge.services import create_faq
from guanxi.access import Actor
from tenants.members.selectors import first_hour
from tenants.members.services import refresh_first_hour


def _done(actor: Actor) -> set[str]:
    refresh_first_hour(actor=actor)
    return {item.code for item in first_hour() if item.done_at}


def test_customers_and_faqs_tick_their_steps(owner: Actor) -> None:
    assert not {"import_customers", "write_faqs"} & _done(owner)
    create_customer(actor=owner, values={"name": "茗溪茶业"})
    for number in range(4):
        create_faq(actor=owner, values={"question": f"第{number}问", "answer": "答"})
    assert {"import_customers", "write_faqs"} & _done(owner) == {"import_customers"}
    create_faq(actor=owner, values={"question": "第五问", "answer": "答"})
    assert {"import_customers", "write_faqs"} <= _done(owner)
