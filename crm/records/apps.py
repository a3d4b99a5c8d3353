"""Registers crm.records with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What every business record has in common, and the registry of record kinds."""

    name = "crm.records"
    label = "records"

    def ready(self) -> None:
        """Register the permissions, the jobs, what roles' field modes refuse, and custom fields after that."""
        from crm.records import permissions, reindex  # noqa: F401
        from crm.records.custom import register as register_custom_fields
        from crm.records.edits import runner  # noqa: F401
        from crm.records.modes import register as register_modes
        from crm.records.sharing import services  # noqa: F401

        register_modes()
        register_custom_fields()
