"""Reads WeChat channels."""

from bots.channels.models import Channel, QrCode
from bots.channels.selectors import channel_secret
from bots.channels.wechat.types import IDENTITY_KIND, Capability, Credentials, Encryption
from crm.customers.types import PersonKey


def credentials_of(channel: Channel) -> Credentials:
    """Return what a channel's callbacks are checked with."""
    return Credentials(
        app_id=channel.key,
        original_id=str(channel.settings.get("original_id", "")),
        token=channel_secret(channel, "token"),
        aes_key=channel_secret(channel, "aes_key"),
        encryption=Encryption(channel.settings.get("encryption", Encryption.ENCRYPTED)),
    )


def may(channel: Channel, capability: Capability) -> bool:
    """Return whether an account may do something; what is not known yet is tried."""
    return bool(channel.capabilities.get(capability, True))


def person_key(channel: Channel, openid: str) -> PersonKey:
    """Return what customers know a person of this account by."""
    return PersonKey(kind=IDENTITY_KIND, value=f"{channel.key}:{openid}", verified=True)


def openid_of(channel: Channel, identity_value: str) -> str | None:
    """Return the openid in an identity's value, None when it is another account's."""
    app_id, _, openid = identity_value.partition(":")
    return openid if app_id == channel.key and openid else None


def qr_code_of_scene(channel: Channel, scene: str) -> QrCode | None:
    """Return the code with a scene, None when it was not made here."""
    return QrCode.objects.filter(channel=channel, scene=scene).first()
