"""The widget's API: every call but the first carries the visitor's token."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import File, Query, Status
from ninja.files import UploadedFile

from bots.channels.web import schemas, selectors, services
from bots.channels.web.presentation import show_file
from bots.channels.web.throttles import VisitorThrottle
from bots.channels.web.tokens import read_file_token, read_token
from bots.channels.web.types import MAX_FILE_BYTES, Visitor, WebChannel
from crm.conversations.types import Received
from guanxi.access import ANYONE
from guanxi.common.errors import Invalid, NotFound, NotSignedIn
from guanxi.common.ids import new_token
from guanxi.files.selectors import files_by_id
from guanxi.files.serving import file_response
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.http.throttles import AddressThrottle
from guanxi.tenancy import current_tenant

router = AppRouter(tag="widget")
PRIVATE = "a visitor's browser, with the visitor's token"
CREATED = {201: schemas.SentOut}


def _caller(request: HttpRequest) -> tuple[WebChannel, Visitor]:
    """Return the visitor of the token, on the channel whose key it carries; raise NotSignedIn when either is gone."""
    visitor = read_token(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    if visitor is None:
        raise NotSignedIn("The visit has ended; start another one.")
    try:
        return selectors.web_channel_by_key(visitor.key), visitor
    except NotFound as gone:
        raise NotSignedIn("The visit has ended; start another one.") from gone


def _key(request: HttpRequest) -> str:
    return request.headers.get("Idempotency-Key", "")[:100] or new_token()


def _sent(channel: WebChannel, visitor: Visitor, received: Received) -> Status[dict[str, Any]]:
    message, talk = selectors.message_of_visitor(channel, visitor, received.message_id)
    return Status(201, {"message": message, "talk": talk})


@router.post(
    "/visits",
    permission=ANYONE,
    private=PRIVATE,
    response=schemas.VisitOut,
    throttle=[AddressThrottle("120/m", "widget_visit")],
)
def widget_visit(request: ApiRequest, body: schemas.VisitIn) -> dict[str, Any]:
    """Start a visit, or go on with an earlier one: the key chooses the channel, the token the visitor."""
    channel = selectors.web_channel_by_key(body.key)
    visitor, token = services.start_visit(channel=channel, token=body.token, page=body.page.dict())
    part = selectors.newest_part(channel, visitor)
    return {
        "token": token,
        "talk": part.talk,
        "messages": part.messages,
        "older": part.older,
        "contact_known": part.contact_known,
    }


@router.get(
    "/conversation",
    permission=ANYONE,
    private=PRIVATE,
    response=schemas.MessagesOut,
    throttle=[VisitorThrottle("240/m", "widget_read")],
)
def widget_conversation(
    request: ApiRequest, after: Query[int | None] = None, before: Query[int | None] = None
) -> dict[str, Any]:
    """Return what was said after a message, or before one; without either, the newest."""
    channel, visitor = _caller(request)
    if after is not None:
        part = selectors.part_after(channel, visitor, after=after)
        following = str(part.messages[-1]["id"]) if part.newer else None
        return {"items": part.messages, "next": following, "talk": part.talk}
    part = selectors.newest_part(channel, visitor, before=before)
    return {"items": part.messages, "next": part.older, "talk": part.talk}


@router.post(
    "/messages",
    permission=ANYONE,
    private=PRIVATE,
    response=CREATED,
    throttle=[VisitorThrottle("30/m", "widget_write")],
)
def widget_message(request: ApiRequest, body: schemas.MessageIn) -> Status[dict[str, Any]]:
    """Write a message; the same Idempotency-Key stores it once."""
    channel, visitor = _caller(request)
    received = services.write_message(
        channel=channel,
        visitor=visitor,
        key=_key(request),
        text=body.text,
        choice=body.choice,
        file_ref=body.file,
        page=body.page.dict(),
        language=body.language,
    )
    return _sent(channel, visitor, received)


@router.post(
    "/files",
    permission=ANYONE,
    private=PRIVATE,
    response={201: schemas.FileOut},
    throttle=[VisitorThrottle("10/m", "widget_file")],
)
def widget_file(request: ApiRequest, file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Upload a picture; its reference goes into a message."""
    _, visitor = _caller(request)
    if file.size is not None and file.size > MAX_FILE_BYTES:
        raise Invalid(
            "file_too_large",
            "The file is too large.",
            fields={"file": "too_large"},
            params={"max_bytes": MAX_FILE_BYTES},
        )
    return Status(201, show_file(visitor, services.keep_upload(name=file.name or "image", content=file.read())))


@router.get(
    "/files/{path:ref}", permission=ANYONE, private="the signed address itself is the permission", response=None
)
def widget_file_content(request: ApiRequest, ref: str) -> HttpResponseBase:
    """Send a file of the visitor's talk."""
    named = read_file_token(ref)
    stored = files_by_id([named[1]]).get(named[1]) if named and current_tenant() is not None else None
    if named is None or stored is None:
        raise NotFound("file", "")
    selectors.web_channel_by_key(named[0].key)
    return file_response(request, stored, inline=True)


@router.post(
    "/handover",
    permission=ANYONE,
    private=PRIVATE,
    response=CREATED,
    throttle=[VisitorThrottle("6/m", "widget_handover")],
)
def widget_handover(request: ApiRequest, body: schemas.HandoverIn) -> Status[dict[str, Any]]:
    """Ask for a person."""
    channel, visitor = _caller(request)
    return _sent(
        channel, visitor, services.ask_for_person(channel=channel, visitor=visitor, key=_key(request), text=body.text)
    )


@router.post(
    "/contact",
    permission=ANYONE,
    private=PRIVATE,
    response=CREATED,
    throttle=[VisitorThrottle("6/m", "widget_contact")],
)
def widget_contact(request: ApiRequest, body: schemas.ContactIn) -> Status[dict[str, Any]]:
    """Leave a name and a phone, with the sentence that was agreed to."""
    channel, visitor = _caller(request)
    received = services.leave_contact(
        channel=channel, visitor=visitor, key=_key(request), name=body.name, phone=body.phone, consent=body.consent
    )
    return _sent(channel, visitor, received)
