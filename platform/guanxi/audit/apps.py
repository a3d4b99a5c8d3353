"""Registers guanxi.audit with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The trail of what was changed, revealed and exported, by whom."""

    name = "guanxi.audit"
    label = "audit"

    def ready(self) -> None:
        """Register the permission."""
        from guanxi.access import register_permissions

        register_permissions("audit", ["read"])
