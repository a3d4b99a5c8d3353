"""Workspaces (the tenants), their domains, provisioning and life cycle."""
