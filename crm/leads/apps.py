"""Registers crm.leads with Django."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads: capture, assignment, response time, conversion."""

    name = "crm.leads"
    label = "leads"
