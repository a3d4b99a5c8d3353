"""The demo's own fields: what a tea wholesaler wants to know of customers, leads and deals, and what it knows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.customers.models import Customer
from crm.customers.services import update_customer
from crm.deals.models import Deal
from crm.deals.services import update_deal
from crm.leads.models import Lead
from crm.leads.services import update_lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Problem
from guanxi.config.demo.company import Company
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.quiet import quiet
from guanxi.customfields.services import create_field

TEAS = [
    ("long_jing", "龙井", "Longjing", "green"), ("white", "白茶", "White tea", "grey"),
    ("oolong", "乌龙", "Oolong", "blue"), ("black", "红茶", "Black tea", "red"), ("puer", "普洱", "Pu'er", "orange"),
    ("flower", "花茶", "Flower tea", "purple"),
]  # fmt: skip
PACKS = [("tin", "罐装", "Tins", ""), ("box", "礼盒", "Gift boxes", "red"), ("bulk", "散装", "In bulk", "grey")]
SHARE_FILLED = 0.8


def _options(rows: list[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    return [{"id": code, "label": zh, "label_en": en, "colour": colour} for code, zh, en, colour in rows]


FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("customer", {"key": "number", "type": "auto_number", "label": "客户编号", "label_en": "Customer no.",
                  "config": {"prefix": "KH-", "digits": 4, "period": "year"}, "filterable": True, "searchable": True}),
    ("customer", {"key": "yearly_volume", "type": "number", "label": "年采购量", "label_en": "Yearly volume",
                  "config": {"decimals": 0, "unit": "kg", "min": 0}, "filterable": True}),
    ("customer", {"key": "teas", "type": "choices", "label": "茶类偏好", "label_en": "Favourite teas",
                  "options": _options(TEAS), "filterable": True}),
    ("customer", {"key": "since", "type": "date", "label": "合作起始", "label_en": "Customer since",
                  "filterable": True}),
    ("customer", {"key": "accountant", "type": "member", "label": "对账人", "label_en": "Settles accounts",
                  "help_text": "每月与对方财务核对往来的同事", "filterable": True}),
    ("customer", {"key": "tax_id", "type": "text", "label": "税号", "label_en": "Tax number", "unique": True,
                  "show_when": {"field": "kind", "op": "eq", "value": "company"}}),
    ("lead", {"key": "pack", "type": "choice", "label": "包装要求", "label_en": "Packing", "options": _options(PACKS),
              "filterable": True}),
    ("lead", {"key": "wants_sample", "type": "boolean", "label": "要样品", "label_en": "Wants samples",
              "filterable": True}),
    ("deal", {"key": "cost", "type": "money", "label": "成本", "label_en": "Cost", "config": {"min": 0}}),
    ("deal", {"key": "profit", "type": "formula", "label": "毛利", "label_en": "Gross profit", "filterable": True,
              "config": {"formula": "{amount} - {custom.cost}", "unit": "元", "decimals": 2}}),
    ("deal", {"key": "margin", "type": "formula", "label": "毛利率", "label_en": "Margin", "filterable": True,
              "config": {"formula": "round(({amount} - {custom.cost}) / {amount} * 100, 1)", "unit": "%",
                         "decimals": 1}}),
]  # fmt: skip


def define_fields(company: Company) -> None:
    """Make the fields before the history, so that each customer gets its number when it comes."""
    for kind, values in FIELDS:
        create_field(actor=company.people["owner"], kind=kind, values=values)


@transaction.atomic
def fill_fields(company: Company, dice: Dice) -> None:
    """Write down what is known of whom, some days after the record came."""
    accountants = [actor.member_id for part, actor in company.people.items() if part in {"admin", "manager", "owner"}]
    with quiet():
        for customer in Customer.objects.order_by("pk"):
            if dice.chance(SHARE_FILLED):
                _write(dice, customer, update_customer, "customer_id", _of_customer(dice, customer, accountants))
        for lead in Lead.objects.order_by("pk"):
            if dice.chance(0.5):
                wanted = {"pack": dice.pick(PACKS)[0], "wants_sample": dice.chance(0.4)}
                _write(dice, lead, update_lead, "lead_id", wanted)
        for deal in Deal.objects.filter(amount__gt=0).order_by("pk"):
            if dice.chance(SHARE_FILLED):
                cost = float(deal.amount) * dice.between(52, 78) / 100
                _write(dice, deal, update_deal, "deal_id", {"cost": f"{cost:.2f}"})


def _of_customer(dice: Dice, customer: Customer, accountants: list[int | None]) -> dict[str, Any]:
    liked = {dice.pick(TEAS)[0] for _ in range(dice.between(1, 3))}
    custom: dict[str, Any] = {
        "yearly_volume": dice.between(2, 90) * 10,
        "teas": [code for code, *_ in TEAS if code in liked],
        "since": (customer.created_at + timedelta(days=dice.between(0, 20))).date().isoformat(),
        "accountant": dice.pick(accountants),
    }
    if customer.kind == "company":
        custom["tax_id"] = f"91330106MA2{dice.between(10**6, 10**7 - 1)}"
    return custom


def _write(dice: Dice, record: Any, update: Callable[..., Any], named: str, custom: dict[str, Any]) -> None:
    moment = min(record.updated_at + timedelta(hours=dice.between(1, 30)), clock.now() - timedelta(hours=1))
    with clock.at(max(moment, record.created_at)):
        try:
            update(actor=Actor.system("demo"), changes={"custom": custom}, **{named: record.pk})
        except Problem:  # A tax number that chance gave twice, a lead that is closed: the next one.
            return
