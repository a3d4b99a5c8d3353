"""Registers guanxi.config with Django, for its management commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, URLs, entry points."""

    name = "guanxi.config"
    label = "config"
