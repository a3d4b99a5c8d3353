"""Teams, and who stands in for whom."""

from typing import Any

from ninja import Query

from guanxi.access import SIGNED_IN
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members import selectors, services
from tenants.members.schemas import DelegationIn, DelegationOut, Status, TeamIn, TeamOut, TeamPatch, TeamsOut

router = AppRouter(tag="members")


@router.get("/teams", permission="team.read", response=TeamsOut)
def teams_list(request: ApiRequest) -> dict[str, Any]:
    """Return all teams with their members."""
    return {"items": list(selectors.visible_teams(request.actor))}


@router.post("/teams", permission="team.manage", response={201: TeamOut})
def teams_create(request: ApiRequest, body: TeamIn) -> Status[Any]:
    """Make a team."""
    team = services.create_team(actor=request.actor, **body.dict())
    return Status(201, selectors.access_team(request.actor, team.pk))


@router.patch("/teams/{int:team_id}", permission="team.manage", response=TeamOut)
def teams_update(request: ApiRequest, team_id: int, body: TeamPatch) -> Any:
    """Rename a team, or change who is in it."""
    services.update_team(actor=request.actor, team_id=team_id, **body.dict())
    return selectors.access_team(request.actor, team_id)


@router.delete("/teams/{int:team_id}", permission="team.manage", response={204: None})
def teams_delete(request: ApiRequest, team_id: int) -> Status[None]:
    """Remove a team."""
    services.remove_team(actor=request.actor, team_id=team_id)
    return Status(204, None)


@router.get("/delegations", permission=SIGNED_IN, response=Page[DelegationOut])
def delegations_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List who stands in for whom, the latest first: one's own, everybody's with `delegation.manage`."""
    return paginate(selectors.visible_delegations(request.actor), page, order=("-starts_at", "-id"))


@router.post("/delegations", permission="delegation.create", response={201: DelegationOut})
def delegations_create(request: ApiRequest, body: DelegationIn) -> Status[Any]:
    """Let a colleague stand in."""
    return Status(201, services.create_delegation(actor=request.actor, **body.dict()))


@router.post("/delegations/{int:delegation_id}/end", permission=SIGNED_IN, response=DelegationOut)
def delegations_end(request: ApiRequest, delegation_id: int) -> Any:
    """End it before its time."""
    return services.end_delegation(actor=request.actor, delegation_id=delegation_id)
