"""Registers guanxi.notifications with Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What a member is told, on the bell and by mail."""

    name = "guanxi.notifications"
    label = "notifications"
