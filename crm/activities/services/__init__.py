"""Writes activities, plans, visits, tasks and the addresses of calendars."""

from crm.activities.services.feeds import create_feed, note_feed_read, revoke_feed
from crm.activities.services.lines import (
    delete_activity,
    log_activity,
    log_system,
    parents_of,
    restore_activity,
    show_on,
    update_activity,
)
from crm.activities.services.parts import REMINDER as ACTIVITY_REMINDER
from crm.activities.services.plans import cancel_plan, complete_plan, plan_activity, remind_of_activity
from crm.activities.services.talks import write_talk_days
from crm.activities.services.tasks import REMINDER as TASK_REMINDER
from crm.activities.services.tasks import create_task, remind_of_task, set_task_state, update_task
from crm.activities.services.visits import check_in

__all__ = [
    "ACTIVITY_REMINDER",
    "TASK_REMINDER",
    "cancel_plan",
    "check_in",
    "complete_plan",
    "create_feed",
    "create_task",
    "delete_activity",
    "log_activity",
    "log_system",
    "note_feed_read",
    "parents_of",
    "plan_activity",
    "remind_of_activity",
    "remind_of_task",
    "restore_activity",
    "revoke_feed",
    "set_task_state",
    "show_on",
    "update_activity",
    "update_task",
    "write_talk_days",
]
