"""Registers guanxi.realtime with Django."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Live events over WebSocket, numbered and replayable."""

    name = "guanxi.realtime"
    label = "realtime"
