"""Writes what hangs on a deal: the parts of contacts, competitors, and lines of what it would sell."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction

from crm.customers.selectors import access_contact
from crm.deals import events
from crm.deals.models import Competitor, Deal, DealCompetitor, DealContact, DealLine
from crm.deals.selectors import access_deal
from crm.deals.services.deals import tell_deal
from crm.records.services import change_record
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common.errors import Invalid, NotFound, VersionConflict

CENT = Decimal("0.01")
MOST = Decimal("9999999999999999.99")
Rows = Iterable[Mapping[str, Any]]


def _locked(actor: Actor, deal_id: int, version: int | None) -> Deal:
    require(actor, "deal.update")
    deal = access_deal(actor, deal_id, "deal.update", lock=True)
    if version is not None and version != deal.version:
        raise VersionConflict(deal.version)
    return deal


def _done(actor: Actor, deal: Deal, part: str) -> Deal:
    record_audit(actor=actor, action=f"set_{part}", kind="deal", record_id=deal.pk)
    tell_deal(actor, deal, events.DEAL_UPDATED, fields=[part])
    return access_deal(actor, deal.pk)


def _once(rows: list[Mapping[str, Any]], key: str) -> None:
    if len({row[key] for row in rows}) != len(rows):
        raise Invalid("named_twice", "Each can be named once.", fields={key: "twice"})


@transaction.atomic
def set_contacts(*, actor: Actor, deal_id: int, contacts: Rows, version: int | None = None) -> Deal:
    """Let exactly these contacts play a part in a deal: `contact_id`, `role`, `note`."""
    deal, rows = _locked(actor, deal_id, version), list(contacts)
    _once(rows, "contact_id")
    known = {link.contact_id: link for link in deal.contact_links.all()}
    for row in rows:
        if row["contact_id"] not in known:
            access_contact(actor, row["contact_id"])
    deal.contact_links.exclude(contact_id__in=[row["contact_id"] for row in rows]).delete()
    for row in rows:
        link = known.get(row["contact_id"]) or DealContact(deal=deal, contact_id=row["contact_id"])
        link.role, link.note = row.get("role") or DealContact.Role.OTHER, row.get("note") or ""
        link.save()
    return _done(actor, deal, "contacts")


@transaction.atomic
def set_competitors(*, actor: Actor, deal_id: int, competitors: Rows, version: int | None = None) -> Deal:
    """Let exactly these competitors be after a deal: `competitor_id`, `strengths`, `note`."""
    deal, rows = _locked(actor, deal_id, version), list(competitors)
    _once(rows, "competitor_id")
    known = {link.competitor_id: link for link in deal.competitor_links.all()}
    wanted = {row["competitor_id"] for row in rows}
    listed = Competitor.objects.filter(pk__in=wanted - known.keys(), archived_at__isnull=True)
    if unknown := wanted - known.keys() - set(listed.values_list("pk", flat=True)):
        raise NotFound("competitor", min(unknown))
    deal.competitor_links.exclude(competitor_id__in=wanted).delete()
    for row in rows:
        link = known.get(row["competitor_id"]) or DealCompetitor(deal=deal, competitor_id=row["competitor_id"])
        link.strengths, link.note = row.get("strengths") or "", row.get("note") or ""
        link.save()
    return _done(actor, deal, "competitors")


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Return what a line comes to after its discount in percent, to the cent."""
    return (quantity * unit_price * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP)


@transaction.atomic
def set_lines(
    *, actor: Actor, deal_id: int, lines: Rows, drive_amount: bool = False, version: int | None = None
) -> Deal:
    """Let a deal have exactly these lines; when they drive the amount it is their sum from now on."""
    deal, rows = _locked(actor, deal_id, version), list(lines)
    made = [_line(deal, row, position) for position, row in enumerate(rows)]
    total = sum((line.amount for line in made), Decimal(0))
    if total > MOST:
        raise Invalid("amount_too_large", "The sum is too large.", fields={"lines": "too_large"})
    deal.lines.all().delete()
    DealLine.objects.bulk_create(made)
    changes: dict[str, Any] = {"amount_from_lines": drive_amount}
    if drive_amount:
        changes["amount"] = total
    change_record(actor, deal, "deal", changes)
    return _done(actor, deal, "lines")


def _line(deal: Deal, row: Mapping[str, Any], position: int) -> DealLine:
    if not row["name"].strip():
        raise Invalid("name_missing", "A line needs a name.", fields={f"lines.{position}.name": "missing"})
    quantity, price, discount = (
        row.get("quantity", Decimal(1)),
        row.get("unit_price", Decimal(0)),
        row.get("discount", 0),
    )
    return DealLine(
        deal=deal,
        name=row["name"].strip(),
        quantity=quantity,
        unit_price=price,
        discount=discount,
        amount=line_amount(Decimal(quantity), Decimal(price), Decimal(discount)),
        position=position,
    )
