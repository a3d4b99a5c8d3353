"""Registers crm.duplicates with Django."""

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """What is in the base already, and what happens when it comes again."""

    name = "crm.duplicates"
    label = "duplicates"

    def ready(self) -> None:
        """Register permissions and chores, and join every write of a record."""
        from crm.duplicates import jobs, permissions  # noqa: F401
        from crm.duplicates.services.checking import clean_hook, saved_hook
        from crm.duplicates.services.indexing import save_many
        from crm.records.hooks import RecordHook, register_hook

        register_hook(RecordHook(name="duplicates", clean=clean_hook, saved=saved_hook, saved_many=save_many))
