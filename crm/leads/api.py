"""The API of leads."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from crm.customers.schemas import AssignIn
from crm.leads import selectors, services
from crm.leads.models import AssignmentRule, Lead
from crm.leads.schemas import (
    ConversionOut,
    ConvertIn,
    LeadFilters,
    LeadIn,
    LeadOut,
    LeadPatch,
    LeadStateIn,
    RuleFields,
    RuleOut,
    RulePatch,
)
from crm.leads.types import Conversion
from crm.records.lists import Count, count_of, list_page
from crm.records.schemas import CountOut
from guanxi.http.pages import Page, PageParams, PageResult
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="leads")


@router.get("/leads", permission="lead.read", response=Page[LeadOut])
def leads_list(request: ApiRequest, filters: Query[LeadFilters], page: Query[PageParams]) -> PageResult:
    """List leads, newest first; `phone` finds by the whole number in any notation."""
    return list_page(request.actor, "lead", filters.dict(), page)


@router.get("/leads/count", permission="lead.read", response=CountOut)
def leads_count(request: ApiRequest, filters: Query[LeadFilters]) -> Count:
    """Count leads that fit, up to ten thousand."""
    return count_of(request.actor, "lead", filters.dict())


@router.post("/leads", permission="lead.create", response={201: LeadOut})
def leads_create(request: ApiRequest, body: LeadIn) -> tuple[int, Lead]:
    """Create a lead."""
    values = body.dict(exclude={"owner_id", "assign"})
    return 201, services.create_lead(actor=request.actor, values=values, owner_id=body.owner_id, assign=body.assign)


@router.get("/leads/{lead_id}", permission="lead.read", response=LeadOut)
def leads_get(request: ApiRequest, response: HttpResponse, lead_id: int) -> Lead:
    """Return a lead."""
    return set_etag(response, selectors.access_lead(request.actor, lead_id))


@router.patch("/leads/{lead_id}", permission="lead.update", response=LeadOut)
def leads_update(request: ApiRequest, response: HttpResponse, lead_id: int, body: LeadPatch) -> Lead:
    """Change a lead."""
    changes = body.dict(exclude_unset=True)
    return set_etag(
        response, services.update_lead(actor=request.actor, lead_id=lead_id, changes=changes, version=if_match(request))
    )


@router.post("/leads/{lead_id}/assign", permission="lead.assign", response=LeadOut)
def leads_assign(request: ApiRequest, lead_id: int, body: AssignIn) -> Lead:
    """Give a lead to another member."""
    return services.assign_lead(actor=request.actor, lead_id=lead_id, owner_id=body.owner_id)


@router.post("/leads/{lead_id}/state", permission="lead.update", response=LeadOut)
def leads_state(request: ApiRequest, lead_id: int, body: LeadStateIn) -> Lead:
    """Move a lead along its way."""
    return services.change_lead_state(actor=request.actor, lead_id=lead_id, state=body.state, reason=body.reason)


@router.post("/leads/{lead_id}/convert", permission="lead.convert", response=ConversionOut)
def leads_convert(request: ApiRequest, lead_id: int, body: ConvertIn) -> Conversion:
    """Convert a lead to a customer, a contact and, when wanted, a deal."""
    deal = body.deal.dict() if body.deal else None
    return services.convert_lead(
        actor=request.actor, lead_id=lead_id, customer_id=body.customer_id, contact_id=body.contact_id, deal=deal
    )


@router.post("/leads/{lead_id}/archive", permission="lead.archive", response=LeadOut)
def leads_archive(request: ApiRequest, lead_id: int) -> Lead:
    """Archive a lead."""
    return services.archive_lead(actor=request.actor, lead_id=lead_id)


@router.post("/leads/{lead_id}/restore", permission="lead.archive", response=LeadOut)
def leads_restore(request: ApiRequest, lead_id: int) -> Lead:
    """Restore an archived lead."""
    return services.restore_lead(actor=request.actor, lead_id=lead_id)


@router.get("/assignment-rules", permission="assignment_rule.manage", response=list[RuleOut])
def assignment_rules_list(request: ApiRequest) -> Any:
    """List assignment rules in their order."""
    return selectors.assignment_rules()


@router.post("/assignment-rules", permission="assignment_rule.manage", response={201: RuleOut})
def assignment_rules_create(request: ApiRequest, body: RuleFields) -> tuple[int, AssignmentRule]:
    """Create an assignment rule."""
    return 201, services.create_assignment_rule(actor=request.actor, values=body.dict())


@router.patch("/assignment-rules/{rule_id}", permission="assignment_rule.manage", response=RuleOut)
def assignment_rules_update(request: ApiRequest, rule_id: int, body: RulePatch) -> AssignmentRule:
    """Change an assignment rule."""
    return services.update_assignment_rule(actor=request.actor, rule_id=rule_id, changes=body.dict(exclude_unset=True))


@router.delete("/assignment-rules/{rule_id}", permission="assignment_rule.manage", response={204: None})
def assignment_rules_delete(request: ApiRequest, rule_id: int) -> tuple[int, None]:
    """Remove an assignment rule."""
    services.delete_assignment_rule(actor=request.actor, rule_id=rule_id)
    return 204, None
