"""Registers guanxi.realtime with Django."""

from importlib import import_module

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Live events over WebSocket, numbered and replayable."""

    name = "guanxi.realtime"
    label = "realtime"

    def ready(self) -> None:
        """Number every dispatched event, and register the chore of the night by importing it."""
        from guanxi.events.dispatch import register_sink
        from guanxi.realtime.numbering import number_event

        register_sink(number_event)
        import_module("guanxi.realtime.services")
