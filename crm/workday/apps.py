"""Registers crm.workday with Django."""

from django.apps import AppConfig


class WorkdayConfig(AppConfig):
    """The working day: what waits for a member today, and how the month goes."""

    name = "crm.workday"
    label = "workday"
