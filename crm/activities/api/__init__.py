"""The API of timelines, calendars and tasks."""

from crm.activities.api.calendar import router as calendar
from crm.activities.api.lines import router as lines
from crm.activities.api.tasks import router as tasks

__all__ = ["calendar", "lines", "tasks"]
