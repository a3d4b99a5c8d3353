"""Registers guanxi.notifications with Django."""

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What a member is told, on the bell and by mail."""

    name = "guanxi.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Register the timers' handler and the chore of the night by importing them, and that mails wait sealed."""
        from guanxi.secrets import register_resealer

        import_module("guanxi.notifications.services")
        mails = import_module("guanxi.notifications.mails")
        register_resealer("notifications.mails", mails.reseal_waiting_mails)
        register_resealer("notifications.mails_of_the_base", mails.reseal_waiting_mails, public=True)
