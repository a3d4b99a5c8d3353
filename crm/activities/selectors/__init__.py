"""Reads timelines, tasks, calendars, and what follows up on whom."""

from crm.activities.selectors.follow_up import follow_ups_since, last_follow_up, without_next_step
from crm.activities.selectors.lines import access_activity, timeline
from crm.activities.selectors.tasks import access_task, end_of_day, find_tasks, name_records, visible_tasks

__all__ = [
    "access_activity",
    "access_task",
    "end_of_day",
    "find_tasks",
    "follow_ups_since",
    "last_follow_up",
    "name_records",
    "timeline",
    "visible_tasks",
    "without_next_step",
]
