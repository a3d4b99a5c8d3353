"""Permissions of webhooks: they send what happens to another place, so only owners and administrators set them up."""

from guanxi.access import register_permissions

register_permissions("webhook", ["manage"])
