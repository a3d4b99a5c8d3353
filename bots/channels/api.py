"""The API of channels: connect, check, change, take off; codes, menu and test messages of WeChat."""

from typing import Any

from ninja import Query

from bots.channels import selectors, services
from bots.channels.models import Channel, QrCode
from bots.channels.registry import channel_kind
from bots.channels.schemas import (
    ChannelConnectionOut,
    ChannelDetailOut,
    ChannelIn,
    ChannelOut,
    ChannelPatch,
    MenuIn,
    MenuOut,
    QrCodeIn,
    QrCodeOut,
    StepOut,
    TestMessageIn,
    TestMessageOut,
)
from bots.channels.types import Step
from bots.channels.wechat import codes, menus
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match

router = AppRouter(tag="channels")
SECRETS = "it shows what a callback is signed with"


@router.get("/channels", permission="channel.read", response=Page[ChannelOut])
def channels_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List the channels, oldest first."""
    return paginate(selectors.visible_channels(request.actor), page, order=("created_at", "id"))


@router.post("/channels", permission="channel.manage", response={201: ChannelDetailOut})
def channels_create(request: ApiRequest, body: ChannelIn) -> tuple[int, Channel]:
    """Connect a channel."""
    channel = services.create_channel(actor=request.actor, kind=body.kind, name=body.name, values=body.settings)
    return 201, channel


@router.get("/channels/{channel_id}", permission="channel.read", response=ChannelDetailOut)
def channels_get(request: ApiRequest, channel_id: int) -> Channel:
    """Return a channel and how far connecting it is."""
    return selectors.access_channel(request.actor, channel_id)


@router.patch("/channels/{channel_id}", permission="channel.manage", response=ChannelDetailOut)
def channels_update(request: ApiRequest, channel_id: int, body: ChannelPatch) -> Channel:
    """Change a channel."""
    return services.update_channel(
        actor=request.actor, channel_id=channel_id, name=body.name, values=body.settings, version=if_match(request)
    )


@router.delete("/channels/{channel_id}", permission="channel.manage", response={204: None})
def channels_disconnect(request: ApiRequest, channel_id: int) -> tuple[int, None]:
    """Take a channel off; its talks remain."""
    services.disconnect_channel(actor=request.actor, channel_id=channel_id)
    return 204, None


@router.get(
    "/channels/{channel_id}/connection",
    permission="channel.manage",
    response=ChannelConnectionOut,
    private=SECRETS,
)
def channels_connection(request: ApiRequest, channel_id: int) -> dict[str, Any]:
    """Return what is to be copied to the other side."""
    channel = selectors.access_channel(request.actor, channel_id, "channel.manage")
    return {"values": channel_kind(channel.kind).connection(channel)}


@router.post("/channels/{channel_id}/check", permission="channel.manage", response=list[StepOut])
def channels_check(request: ApiRequest, channel_id: int) -> list[Step]:
    """Ask the other side whether everything works."""
    return services.check_channel(actor=request.actor, channel_id=channel_id)


@router.post("/channels/{channel_id}/test-message", permission="channel.manage", response=TestMessageOut)
def channels_test_message(request: ApiRequest, channel_id: int, body: TestMessageIn) -> dict[str, str]:
    """Send a text to whoever wrote last."""
    openid = codes.send_test_message(actor=request.actor, channel_id=channel_id, text=body.text, openid=body.openid)
    return {"openid": openid}


@router.get("/channels/{channel_id}/qr-codes", permission="channel.read", response=Page[QrCodeOut])
def channels_qr_codes(request: ApiRequest, channel_id: int, page: Query[PageParams]) -> PageResult:
    """List the codes of a channel, newest first."""
    return paginate(selectors.qr_codes(request.actor, channel_id), page)


@router.post("/channels/{channel_id}/qr-codes", permission="channel.manage", response={201: QrCodeOut})
def channels_create_qr_code(request: ApiRequest, channel_id: int, body: QrCodeIn) -> tuple[int, QrCode]:
    """Make a code with a scene."""
    return 201, codes.create_qr_code(actor=request.actor, channel_id=channel_id, **body.dict())


@router.get("/channels/{channel_id}/menu", permission="channel.read", response=MenuOut)
def channels_menu(request: ApiRequest, channel_id: int) -> dict[str, Any]:
    """Return the menu as the account has it."""
    return {"buttons": menus.read_menu(actor=request.actor, channel_id=channel_id)}


@router.put("/channels/{channel_id}/menu", permission="channel.manage", response=MenuOut)
def channels_publish_menu(request: ApiRequest, channel_id: int, body: MenuIn) -> dict[str, Any]:
    """Give the account a menu; an empty one takes it away."""
    buttons = menus.publish_menu(actor=request.actor, channel_id=channel_id, buttons=body.dict()["buttons"])
    return {"buttons": buttons}
