"""What activities do when a time has come."""

from crm.activities.services import REMINDER, remind_of_task
from guanxi.timers.registry import on_due


@on_due(REMINDER)
def remind(ref_id: int) -> None:
    """Remind the owner of a task."""
    remind_of_task(task_id=ref_id)
