"""What activities do when a time has come."""

from crm.activities.services import ACTIVITY_REMINDER, TASK_REMINDER, remind_of_activity, remind_of_task
from guanxi.timers.registry import on_due


@on_due(TASK_REMINDER)
def remind(ref_id: int) -> None:
    """Remind the owner of a task."""
    remind_of_task(task_id=ref_id)


@on_due(ACTIVITY_REMINDER)
def remind_of_plan(ref_id: int) -> None:
    """Remind everybody who takes part in what is planned."""
    remind_of_activity(activity_id=ref_id)
