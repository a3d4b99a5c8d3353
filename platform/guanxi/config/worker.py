"""The Celery application."""

import os

import django
from celery import Celery, current_app
from celery.signals import heartbeat_sent

from guanxi.common.heartbeat import pulse
from guanxi.config.environment import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
django.setup()

app: Celery = current_app._get_current_object()


@heartbeat_sent.connect
def _show_alive(**_: object) -> None:
    pulse("worker")
