"""Registers crm.activities with Django."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Activities, tasks and the one timeline."""

    name = "crm.activities"
    label = "activities"

    def ready(self) -> None:
        """Register permissions, subscribers and the record kind."""
        from crm.activities import permissions, subscribers  # noqa: F401
        from crm.activities.models import Task
        from crm.activities.photos import may_open
        from crm.activities.selectors import customers_of_task, find_tasks, tasks_below, visible_tasks
        from crm.activities.services.visits import PHOTO_PURPOSE
        from crm.records.registry import RecordKind, register_kind
        from guanxi.files.purposes import Purpose, register_purpose
        from guanxi.files.sniffing import IMAGES

        register_kind(
            RecordKind(
                kind="task",
                model=Task,
                visible=visible_tasks,
                title=lambda task: task.title,
                search=lambda actor, text: find_tasks(actor, {"q": text}).order_by("due_at"),
                below=tasks_below,
                customer_ids=customers_of_task,
                besides=lambda task: {"creator": task.created_by_id},
            )
        )
        register_purpose(
            Purpose(PHOTO_PURPOSE, kinds=IMAGES, max_bytes=8 * 1024 * 1024, access=may_open, uploadable=True)
        )
