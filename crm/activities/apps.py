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
        from crm.activities.selectors import find_tasks, visible_tasks
        from crm.records.registry import RecordKind, register_kind

        register_kind(
            RecordKind(
                kind="task",
                model=Task,
                visible=visible_tasks,
                title=lambda task: task.title,
                search=lambda actor, text: find_tasks(actor, {"q": text}).order_by("due_at"),
            )
        )
