"""Registers guanxi.events with Django."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The outbox: what happened, written in the same transaction as the change, and handed on at least once."""

    name = "guanxi.events"
    label = "events"
