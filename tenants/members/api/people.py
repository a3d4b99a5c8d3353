"""Members: list, look at, change, switch off and on."""

from typing import Any, cast

from django.http import HttpResponse
from ninja import Query

from guanxi.common.errors import NotFound
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, check_version
from tenants.members import selectors, services
from tenants.members.presenting import member_out
from tenants.members.schemas import MemberChangesIn, MemberFilters, MemberOut
from tenants.members.services.members import MemberChanges

router = AppRouter(tag="members")


def _shown(request: ApiRequest, member_id: int) -> dict[str, Any]:
    return member_out(selectors.access_member(request.actor, member_id))


@router.get("/members", permission="member.read", response=Page[MemberOut])
def members_list(request: ApiRequest, filters: Query[MemberFilters], page: Query[PageParams]) -> PageResult:
    """List members by name; `?q=` serves the pickers."""
    found = selectors.search_members(
        request.actor, query=filters.q.strip(), state=filters.state, role=filters.role, department_id=filters.department
    )
    result = paginate(found, page, order=("name", "id"))
    return {"items": [member_out(member) for member in result["items"]], "next": result["next"]}


@router.get("/members/{int:member_id}", permission="member.read", response=MemberOut)
def members_get(request: ApiRequest, response: HttpResponse, member_id: int) -> dict[str, Any]:
    """Return a member; the ETag is its version."""
    shown = _shown(request, member_id)
    response.headers["ETag"] = f'"{shown["version"]}"'
    return shown


@router.patch("/members/{int:member_id}", permission="member.update", response=MemberOut)
def members_update(request: ApiRequest, member_id: int, body: MemberChangesIn) -> dict[str, Any]:
    """Change name, title, phone, manager, department or roles; If-Match guards against another one's change."""
    member = selectors.access_member(request.actor, member_id)
    check_version(request, member.version)
    given = body.dict(exclude_unset=True)
    kept = {name: value for name, value in given.items() if value is not None or name.endswith("_id")}
    changes = cast(MemberChanges, kept)
    version = member.version if request.headers.get("If-Match") else None
    services.update_member(actor=request.actor, member_id=member_id, changes=changes, version=version)
    return _shown(request, member_id)


@router.post("/members/{int:member_id}/switch-off", permission="member.switch_off", response=MemberOut)
def members_switch_off(request: ApiRequest, member_id: int) -> dict[str, Any]:
    """Let a member take part no longer; all of its sessions end."""
    _require_known(request, member_id)
    services.switch_member_off(actor=request.actor, member_id=member_id)
    return _shown(request, member_id)


@router.post("/members/{int:member_id}/switch-on", permission="member.switch_off", response=MemberOut)
def members_switch_on(request: ApiRequest, member_id: int) -> dict[str, Any]:
    """Let a member take part again."""
    _require_known(request, member_id)
    services.switch_member_on(actor=request.actor, member_id=member_id)
    return _shown(request, member_id)


def _require_known(request: ApiRequest, member_id: int) -> None:
    if not selectors.visible_members(request.actor).filter(pk=member_id).exists():
        raise NotFound("member", member_id)
