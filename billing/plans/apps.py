"""Registers billing.plans with Django."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans and what they contain."""

    name = "billing.plans"
    label = "plans"
