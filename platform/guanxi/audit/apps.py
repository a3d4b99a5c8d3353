"""Registers guanxi.audit with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The trail of what was changed, revealed and exported, by whom."""

    name = "guanxi.audit"
    label = "audit"
