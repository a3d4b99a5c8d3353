"""The API of the base host: plans, subdomains, signing up, finding one's workspace. Nobody is signed in there."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from guanxi.access import ANYONE
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.entitlements import Plan
from guanxi.http.router import AppRouter
from guanxi.http.throttles import AddressThrottle
from guanxi.tenancy import public_scope
from tenants.workspaces.addresses import base_url, workspace_url
from tenants.workspaces.models import SignUp
from tenants.workspaces.plans import offered_plans
from tenants.workspaces.schemas import (
    FindWorkspaceIn,
    FindWorkspaceOut,
    SignUpIn,
    SignUpOut,
    SiteOut,
    Status,
    SubdomainOut,
)
from tenants.workspaces.selectors import check_subdomain, sign_up_by_key
from tenants.workspaces.services import sign_up
from tenants.workspaces.services.finding import ask_for_workspaces
from tenants.workspaces.services.signing_up import LOCALES, way_in
from tenants.workspaces.types import SignUpForm, SubdomainAnswer

router = AppRouter(tag="base")

sign_up_throttle = AddressThrottle(settings.GUANXI_SIGN_UP_RATE, "sign_up")
find_throttle = AddressThrottle("10/h", "find_workspace")
typing_throttle = AddressThrottle("240/m", "subdomain")
polling_throttle = AddressThrottle("240/m", "sign_up_state")


@router.get("/site", permission=ANYONE, response=SiteOut)
def base_site(request: HttpRequest) -> dict[str, Any]:
    """Return the plans and the names that the sign-up page shows."""
    return {
        "base_domain": settings.GUANXI_BASE_DOMAIN,
        "base_url": base_url(""),
        "workspace_url_pattern": workspace_url("{slug}"),
        "locale": _language(request),
        "locales": list(LOCALES),
        "plans": [_plan(plan) for plan in offered_plans()],
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "code": plan.code,
        "trial_days": plan.trial_days,
        "price": plan.price,
        "currency": plan.currency,
        "seats": plan.seats,
        "features": None if plan.features is None else sorted(plan.features),
        "quotas": dict(plan.quotas),
    }


def _language(request: HttpRequest) -> str:
    wanted = request.headers.get("Accept-Language", "").lower()
    return "en" if wanted.startswith("en") else "zh-CN"


@router.get("/subdomains/{slug}", permission=ANYONE, response=SubdomainOut, throttle=[typing_throttle])
def subdomains_check(request: HttpRequest, slug: str) -> SubdomainAnswer:
    """Say whether a subdomain may be had, and propose one when not; a company's name in Chinese will do too."""
    with public_scope():
        return check_subdomain(slug[:200])


@router.post("/signups", permission=ANYONE, response={201: SignUpOut, 202: SignUpOut}, throttle=[sign_up_throttle])
def signups_create(request: HttpRequest, body: SignUpIn) -> Status[dict[str, Any]]:
    """Sign a company up: 201 with the way into the workspace, or 202 while it is being prepared."""
    entry = sign_up(form=SignUpForm(**body.dict()))
    return Status(201 if entry.state == SignUp.State.READY else 202, _shown(entry))


@router.get("/signups/{uuid:key}", permission=ANYONE, response=SignUpOut, throttle=[polling_throttle])
def signups_get(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Say how far a sign-up is; whoever knows its key is who submitted it."""
    entry = sign_up_by_key(key)
    if entry is None:
        raise NotFound("sign_up", key)
    return _shown(entry)


def _shown(entry: SignUp) -> dict[str, Any]:
    return {
        "id": entry.key,
        "state": entry.state,
        "slug": entry.slug,
        "workspace_url": workspace_url(entry.slug),
        "hand_over_url": way_in(entry=entry),
        "waited_seconds": int((clock.now() - entry.created_at).total_seconds()),
    }


@router.post("/find-workspace", permission=ANYONE, response={202: FindWorkspaceOut}, throttle=[find_throttle])
def workspaces_find(request: HttpRequest, body: FindWorkspaceIn) -> Status[dict[str, Any]]:
    """Mail the address the workspaces that it works in. The answer is the same for every address."""
    ask_for_workspaces(email=body.email, locale=body.locale if body.locale in LOCALES else "zh-CN")
    return Status(202, {"sent": True})
