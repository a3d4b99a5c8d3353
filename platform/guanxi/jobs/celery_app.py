"""The Celery application of every process: the web and the relay send by it, the workers run on it."""

from celery import Celery
from django.conf import settings

app = Celery("guanxi")
app.conf.update(settings.CELERY)
app.autodiscover_tasks()
# Celery's current application is one of each thread; requests run in threads that never made one.
app.set_default()
