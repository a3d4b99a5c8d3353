"""Registers guanxi.timers with Django."""

from django.apps import AppConfig


class TimersConfig(AppConfig):
    """What is due when: one public table for every reminder and time limit."""

    name = "guanxi.timers"
    label = "timers"
