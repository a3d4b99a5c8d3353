"""Invitations, for those who send them and for those who got one."""

from typing import Any

from django.http import HttpRequest
from ninja import Query

from guanxi.access import ANYONE
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.http.throttles import AddressThrottle
from tenants.accounts.services import sign_in
from tenants.members import selectors, services
from tenants.members.presenting import invitation_out
from tenants.members.schemas import (
    AcceptIn,
    InvitationIn,
    InvitationOut,
    JoinedOut,
    NewInvitationOut,
    OpenInvitationOut,
    Status,
)
from tenants.members.types import NewInvitation
from tenants.workspaces.selectors import current_workspace

router = AppRouter(tag="invitations")
link_throttle = AddressThrottle("120/h", "invitation_link")
PAGE_ONLY = "the page of whoever got the link"


@router.get("/invitations", permission="invitation.read", response=Page[InvitationOut])
def invitations_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List invitations, newest first."""
    result = paginate(selectors.visible_invitations(request.actor), page)
    return {"items": [invitation_out(invitation) for invitation in result["items"]], "next": result["next"]}


@router.post("/invitations", permission="invitation.create", response={201: NewInvitationOut})
def invitations_create(request: ApiRequest, body: InvitationIn) -> Status[NewInvitation]:
    """Invite somebody by mail; the answer has a link to pass on by chat, shown this once."""
    return Status(201, services.create_invitation(actor=request.actor, **body.dict()))


@router.post("/invitations/{int:invitation_id}/resend", permission="invitation.create", response=NewInvitationOut)
def invitations_resend(request: ApiRequest, invitation_id: int) -> NewInvitation:
    """Send an invitation again; its former links end."""
    return services.resend_invitation(actor=request.actor, invitation_id=invitation_id)


@router.delete("/invitations/{int:invitation_id}", permission="invitation.revoke", response={204: None})
def invitations_revoke(request: ApiRequest, invitation_id: int) -> Status[None]:
    """Take an invitation back."""
    services.revoke_invitation(actor=request.actor, invitation_id=invitation_id)
    return Status(204, None)


@router.get(
    "/invitations/by-token/{str:token}",
    permission=ANYONE,
    response=OpenInvitationOut,
    private=PAGE_ONLY,
    throttle=[link_throttle],
)
def invitations_open(request: HttpRequest, token: str) -> dict[str, Any]:
    """Show an invitation to whoever holds its link."""
    invitation = services.open_invitation(token)
    return {
        "workspace": current_workspace().name,
        "email": invitation.email,
        "name": invitation.name,
        "inviter": invitation.invited_by.name if invitation.invited_by else "",
        "locale": invitation.locale,
        "expires_at": invitation.expires_at,
    }


@router.post(
    "/invitations/by-token/{str:token}",
    permission=ANYONE,
    response={201: JoinedOut},
    private=PAGE_ONLY,
    throttle=[link_throttle],
)
def invitations_accept(request: HttpRequest, token: str, body: AcceptIn) -> Status[dict[str, Any]]:
    """Join; the answer carries the new member's session."""
    member = services.accept_invitation(token=token, name=body.name, password=body.password)
    sign_in(request, user_id=member.user_id, method="invitation")
    return Status(201, {"member_id": member.pk})
