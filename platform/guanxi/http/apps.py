"""Registers guanxi.http with Django."""

from django.apps import AppConfig


class HttpConfig(AppConfig):
    """The base of the API: actors, problems, pages, idempotency, throttles."""

    name = "guanxi.http"
    label = "http"
