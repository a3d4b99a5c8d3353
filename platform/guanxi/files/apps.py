"""Registers guanxi.files with Django."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files of a tenant."""

    name = "guanxi.files"
    label = "files"
