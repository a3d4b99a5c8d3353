"""Registers guanxi.notifications with Django."""

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What a member is told, on the bell and by mail."""

    name = "guanxi.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Register the timers' handler and the chore of the night by importing them."""
        import_module("guanxi.notifications.services")
