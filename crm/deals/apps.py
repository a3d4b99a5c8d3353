"""Registers crm.deals with Django."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals, pipelines and stages."""

    name = "crm.deals"
    label = "deals"
