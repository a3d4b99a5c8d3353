"""Registers crm.outreach with Django."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """The touch ledger: windows, quotas and senders of every channel."""

    name = "crm.outreach"
    label = "outreach"
