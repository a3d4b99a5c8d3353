"""Registers guanxi.jobs with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long work with progress, and the base of every Celery task."""

    name = "guanxi.jobs"
    label = "jobs"
