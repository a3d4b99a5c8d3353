"""Registers crm.records with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What every business record has in common, and the registry of record kinds."""

    name = "crm.records"
    label = "records"

    def ready(self) -> None:
        """Register the permissions and the jobs."""
        from crm.records import permissions, reindex  # noqa: F401
