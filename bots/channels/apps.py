"""Registers bots.channels with Django."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """The channels that customers write through."""

    name = "bots.channels"
    label = "channels"
