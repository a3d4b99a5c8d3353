"""The Celery application."""

import os

import django
from celery import Celery
from django.conf import settings

from guanxi.config.environment import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
django.setup()

app = Celery("guanxi")
app.conf.update(settings.CELERY)
app.autodiscover_tasks()
