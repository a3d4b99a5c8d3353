"""The Celery application, the current one in every process of ours: whoever publishes must know the broker too."""

from celery import Celery
from django.conf import settings


def make_application() -> Celery:
    """Return the application, set as current and default in this process."""
    app = Celery("guanxi")
    app.conf.update(settings.CELERY)
    app.set_default()
    app.autodiscover_tasks()
    return app
