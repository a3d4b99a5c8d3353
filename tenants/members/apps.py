"""Registers tenants.members with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members, departments, roles, invitations, API keys."""

    name = "tenants.members"
    label = "members"
