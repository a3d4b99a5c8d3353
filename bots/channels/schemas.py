"""Shapes of channels in the API."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from bots.channels.selectors import refused_calls
from bots.channels.wechat.client import qr_image_url


class StepOut(Schema):
    """One step of connecting; `code` says what is wrong, `params` what the sentence may show."""

    name: str
    state: Literal["done", "waiting", "failed"]
    code: str
    params: dict[str, Any]


class ChannelOut(Schema):
    """A channel."""

    id: int
    kind: str
    name: str
    key: str
    state: str
    health: str
    fault: str
    fault_at: datetime | None
    settings: dict[str, Any]
    capabilities: dict[str, bool]
    verified_at: datetime | None
    last_inbound_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class ChannelDetailOut(ChannelOut):
    """A channel with how far connecting is and what was refused in the last days."""

    steps: list[StepOut]
    secrets_set: list[str]
    refused: dict[str, int]

    @staticmethod
    def resolve_steps(channel: Any) -> Any:
        """Return the steps from what is known."""
        from bots.channels.registry import channel_kind

        return channel_kind(channel.kind).steps(channel)

    @staticmethod
    def resolve_secrets_set(channel: Any) -> Any:
        """Return which secrets are kept, never what they are."""
        return sorted(channel.secrets)

    @staticmethod
    def resolve_refused(channel: Any) -> Any:
        """Return the counts by reason."""
        return refused_calls(channel)


class ChannelIn(Schema):
    """A channel to connect; which settings there are depends on its kind."""

    kind: str = Field(max_length=20)
    name: str = Field(max_length=200)
    settings: dict[str, Any] = {}


class ChannelPatch(Schema):
    """Changes of a channel; a secret that is not given stays."""

    name: str | None = Field(None, max_length=200)
    settings: dict[str, Any] | None = None


class ChannelConnectionOut(Schema):
    """What the owner copies elsewhere, such as an address, a token or a script tag."""

    values: dict[str, str]


class TestMessageIn(Schema):
    """A text to whoever wrote last, or to an openid."""

    text: str = Field(min_length=1, max_length=2000)
    openid: str = Field("", max_length=64)


class TestMessageOut(Schema):
    """To whom it went."""

    openid: str


class QrCodeIn(Schema):
    """A code to make."""

    label: str = Field(min_length=1, max_length=60)
    permanent: bool = False
    days: int = Field(30, ge=1, le=30)


class QrCodeOut(Schema):
    """A code with a scene; `image_url` is its picture, `url` what it says."""

    id: int
    channel_id: int
    scene: str
    label: str
    permanent: bool
    url: str
    image_url: str
    expires_at: datetime | None
    scans: int
    follows: int
    created_at: datetime

    @staticmethod
    def resolve_image_url(code: Any) -> str:
        """Return where the picture is."""
        return qr_image_url(code.ticket)


class MenuButtonIn(Schema):
    """A button of the menu: `click` with a key, `view` with an address, or none of them with buttons below."""

    name: str = Field(min_length=1, max_length=60)
    type: Literal["click", "view", ""] = ""
    key: str = Field("", max_length=128)
    url: str = Field("", max_length=1024)
    buttons: list["MenuButtonIn"] = Field([], max_length=5)


class MenuIn(Schema):
    """The menu; none takes it away."""

    buttons: list[MenuButtonIn] = Field([], max_length=3)


class MenuOut(Schema):
    """The menu as the account has it."""

    buttons: list[dict[str, Any]]
