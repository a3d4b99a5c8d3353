"""Registers bots.channels with Django."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """The channels that customers write through."""

    name = "bots.channels"
    label = "channels"

    def ready(self) -> None:
        """Register permissions and the kinds of channels, and how one sees that one is connected."""
        from bots.channels import permissions  # noqa: F401
        from bots.channels.models import Channel
        from bots.channels.services.sealing import reseal_channels
        from bots.channels.types import ChannelState
        from bots.channels.web.registration import register_web_channel
        from bots.channels.wechat.registration import register_wechat_channel
        from bots.channels.wechat.tokens import FIELD as TOKEN_FIELD
        from guanxi.notifications.registry import register_kind
        from guanxi.secrets import register_resealer, register_sealed_column
        from tenants.members.services import register_first_hour_check

        register_web_channel()
        register_wechat_channel()
        register_kind("channel.fault")
        register_resealer("channels.secrets", reseal_channels)
        register_sealed_column(
            "channels.AccessToken", "value", field=TOKEN_FIELD, row=lambda token: str(token.channel_id)
        )
        register_first_hour_check("connect_channel", Channel.objects.filter(state=ChannelState.ACTIVE).exists)
