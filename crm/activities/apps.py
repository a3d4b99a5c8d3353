"""Registers crm.activities with Django."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Activities, tasks and the one timeline."""

    name = "crm.activities"
    label = "activities"
