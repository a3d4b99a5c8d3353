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
        from bots.channels.types import ChannelState
        from bots.channels.web.registration import register_web_channel
        from bots.channels.wechat.registration import register_wechat_channel
        from guanxi.notifications.registry import register_kind
        from tenants.members.services import register_first_hour_check

        register_web_channel()
        register_wechat_channel()
        register_kind("channel.fault")
        register_first_hour_check("connect_channel", Channel.objects.filter(state=ChannelState.ACTIVE).exists)
