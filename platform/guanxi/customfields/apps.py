"""Registers guanxi.customfields with Django."""

from django.apps import AppConfig


class CustomFieldsConfig(AppConfig):
    """Fields that a tenant adds to its kinds of records."""

    name = "guanxi.customfields"
    label = "customfields"

    def ready(self) -> None:
        """Register the permissions and the job."""
        from guanxi.customfields import jobs, permissions  # noqa: F401
