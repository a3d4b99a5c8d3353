"""Registers guanxi.files with Django."""

from importlib import import_module

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files of a tenant."""

    name = "guanxi.files"
    label = "files"

    def ready(self) -> None:
        """Register the permission, and the chore of the night by importing it."""
        from guanxi.access import register_permissions

        register_permissions("file", ["read_all"])
        import_module("guanxi.files.services")
