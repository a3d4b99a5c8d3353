"""The API of collaborators, of who can see a record, and of masked values."""

from typing import Any

from crm.records.registry import access_record
from crm.records.sharing import selectors, services
from crm.records.sharing.schemas import (
    ModeFieldOut,
    RevealIn,
    RevealOut,
    SharedKind,
    ShareIn,
    ShareOut,
    SharesOut,
    SightOut,
    ViewersOut,
)
from guanxi.access import SIGNED_IN
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="records")
PEOPLE = "a page for people; programs have keys and no colleagues"


@router.get("/records/{kind}/{record_id}/shares", permission=SIGNED_IN, response=SharesOut)
def records_shares(request: ApiRequest, kind: SharedKind, record_id: int) -> dict[str, Any]:
    """Return who works on a record beside its owner."""
    shares = list(selectors.shares_of(request.actor, kind, record_id))
    record = access_record(request.actor, kind, record_id)
    return {
        "items": selectors.name_shares(shares),
        "may_share": selectors.may_share(request.actor, kind, record_id),
        "may_see_viewers": selectors.may_ask_who_sees(request.actor, record),
    }


@router.post("/records/{kind}/{record_id}/shares", permission=SIGNED_IN, response={201: ShareOut})
def records_share(request: ApiRequest, kind: SharedKind, record_id: int, body: ShareIn) -> tuple[int, Any]:
    """Share a record; a second call for the same subject changes the terms."""
    share = services.share_record(actor=request.actor, kind=kind, record_id=record_id, **body.dict())
    return 201, selectors.name_shares([share])[0]


@router.delete("/records/{kind}/{record_id}/shares/{share_id}", permission=SIGNED_IN, response={204: None})
def records_unshare(request: ApiRequest, kind: SharedKind, record_id: int, share_id: int) -> tuple[int, None]:
    """Share it no longer."""
    services.unshare_record(actor=request.actor, kind=kind, record_id=record_id, share_id=share_id)
    return 204, None


@router.get("/records/{kind}/{record_id}/viewers", permission=SIGNED_IN, response=ViewersOut, private=PEOPLE)
def records_viewers(request: ApiRequest, kind: SharedKind, record_id: int, q: str = "", offset: int = 0) -> Any:
    """Return who can see a record, and why."""
    return selectors.viewers(request.actor, kind, record_id, text=q[:60], offset=max(0, offset))


@router.post("/records/{kind}/{record_id}/reveal", permission=SIGNED_IN, response=RevealOut)
def records_reveal(request: ApiRequest, kind: SharedKind, record_id: int, body: RevealIn) -> dict[str, Any]:
    """Return the whole value of a masked field; the audit keeps who asked for which field."""
    value = services.reveal_field(actor=request.actor, kind=kind, record_id=record_id, field=body.field)
    return {"value": value}


@router.get("/members/{int:member_id}/sight", permission="role.manage", response=list[SightOut], private=PEOPLE)
def members_sight(request: ApiRequest, member_id: int) -> Any:
    """Return what a member sees of every kind of record."""
    return selectors.sight_of(request.actor, member_id)


@router.get("/field-modes", permission="role.read", response=dict[str, list[ModeFieldOut]], private=PEOPLE)
def field_modes_list(request: ApiRequest) -> Any:
    """Return the fields of each kind with the modes that a role can give them."""
    return selectors.mode_catalogue()
