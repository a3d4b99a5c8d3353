"""Registers guanxi.files with Django."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files of a tenant."""

    name = "guanxi.files"
    label = "files"

    def ready(self) -> None:
        """Register the permission."""
        from guanxi.access import register_permissions

        register_permissions("file", ["read_all"])
