"""Registers guanxi.timers with Django."""

from django.apps import AppConfig


class TimersConfig(AppConfig):
    """What is due when: one public table for every reminder and time limit."""

    name = "guanxi.timers"
    label = "timers"

    def ready(self) -> None:
        """Let the relay run what is due each second."""
        from guanxi.events.relay import register_tick
        from guanxi.timers.services import run_due

        register_tick(run_due)
