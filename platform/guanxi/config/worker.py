"""The Celery application."""

import os

import django
from celery import Celery
from celery.signals import heartbeat_sent
from django.conf import settings

from guanxi.common.heartbeat import pulse
from guanxi.config.environment import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
django.setup()

app = Celery("guanxi")
app.conf.update(settings.CELERY)
app.autodiscover_tasks()


@heartbeat_sent.connect
def _show_alive(**_: object) -> None:
    pulse("worker")
