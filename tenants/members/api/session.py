"""Who is here: the first thing that the page asks. Also the member's own profile and the guided first hour."""

from typing import Any, cast

from django.http import HttpRequest
from django.middleware.csrf import get_token

from guanxi.access import ANYONE, SIGNED_IN, Actor
from guanxi.common.errors import NotFound
from guanxi.entitlements import features
from guanxi.http.auth import load_member_actor
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.notifications.selectors import unread_count
from tenants.accounts.services import note_session
from tenants.members import selectors, services
from tenants.members.schemas import FirstHourOut, ProfileIn, ProfileOut, SessionOut
from tenants.members.services.members import ProfileChanges
from tenants.members.types import FirstHour
from tenants.workspaces.selectors import current_workspace

router = AppRouter(tag="session")
PAGE_ONLY = "the page's own session"


@router.get("/session", permission=ANYONE, response=SessionOut, private=PAGE_ONLY)
def session_get(request: HttpRequest) -> dict[str, Any]:
    """Return the workspace, and the member with its rights when somebody is signed in."""
    actor = load_member_actor(request.user) if request.user.is_authenticated else None
    if actor is not None:
        note_session(request)
    workspace = current_workspace()
    open_features = features()
    return {
        "signed_in": actor is not None,
        "workspace": workspace,
        "member": selectors.profile_of(actor.member_id) if actor is not None and actor.member_id is not None else None,
        "permissions": sorted(actor.grants) if actor is not None else [],
        "scopes": _scopes(actor) if actor is not None else {},
        "field_modes": _field_modes(actor) if actor is not None else {},
        "features": None if open_features is None else sorted(open_features),
        "unread_notifications": unread_count(actor) if actor is not None else 0,
        "csrf_token": get_token(request),
    }


def _scopes(actor: Actor) -> dict[str, str]:
    return {permission: max(grant.scope for grant in reach).name for permission, reach in sorted(actor.grants.items())}


def _field_modes(actor: Actor) -> dict[str, dict[str, str]]:
    return {kind: {name: mode.name for name, mode in modes.items()} for kind, modes in actor.field_modes.items()}


@router.patch("/session/profile", permission=SIGNED_IN, response=ProfileOut, private=PAGE_ONLY)
def session_update_profile(request: ApiRequest, body: ProfileIn) -> dict[str, Any]:
    """Change one's own name, language, time zone, look or settings."""
    changes = {name: value for name, value in body.dict(exclude_unset=True).items() if value is not None}
    member = services.update_profile(actor=request.actor, changes=cast(ProfileChanges, changes))
    return selectors.profile_of(member.pk)


@router.get("/first-hour", permission=SIGNED_IN, response=FirstHourOut, private=PAGE_ONLY)
def first_hour_list(request: ApiRequest) -> dict[str, Any]:
    """Return the steps of the guided first hour."""
    services.refresh_first_hour(actor=request.actor)
    return {"items": selectors.first_hour()}


@router.post("/first-hour/{str:code}", permission=SIGNED_IN, response=FirstHourOut, private=PAGE_ONLY)
def first_hour_done(request: ApiRequest, code: str) -> dict[str, Any]:
    """Note that a step is done."""
    if code not in set(FirstHour):
        raise NotFound("first_hour_step", code)
    services.mark_first_hour_step(actor=request.actor, code=code)
    return {"items": selectors.first_hour()}
