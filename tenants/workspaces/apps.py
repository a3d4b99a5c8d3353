"""Registers tenants.workspaces with Django."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Workspaces (the tenants), their domains, provisioning and life cycle."""

    name = "tenants.workspaces"
    label = "workspaces"
