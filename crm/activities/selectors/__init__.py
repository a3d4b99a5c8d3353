"""Reads timelines, tasks, calendars, and what follows up on whom."""

from crm.activities.selectors.calendar import (
    calendar,
    calendar_people,
    fed_entries,
    feed_of_token,
    feed_state,
)
from crm.activities.selectors.follow_up import follow_ups_since, last_follow_up, without_next_step
from crm.activities.selectors.lines import access_activity, timeline
from crm.activities.selectors.tasks import (
    access_task,
    customers_of_task,
    end_of_day,
    find_tasks,
    name_records,
    tasks_below,
    visible_tasks,
)

__all__ = [
    "access_activity",
    "access_task",
    "calendar",
    "calendar_people",
    "customers_of_task",
    "end_of_day",
    "fed_entries",
    "feed_of_token",
    "feed_state",
    "find_tasks",
    "follow_ups_since",
    "last_follow_up",
    "name_records",
    "tasks_below",
    "timeline",
    "visible_tasks",
    "without_next_step",
]
