"""Registers guanxi.jobs with Django."""

from importlib import import_module

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long work with progress, and the base of every Celery task."""

    name = "guanxi.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Make the Celery application, register the permission, and the timers' handlers and the chores by importing
        them.
        """
        from guanxi.access import register_permissions
        from guanxi.jobs.application import make_application

        make_application()
        register_permissions("job", ["read"])
        import_module("guanxi.jobs.services")
        import_module("guanxi.jobs.chores")
