"""Registers crm.handover with Django."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    """Handover of a person's records to others, and what nobody looks after."""

    name = "crm.handover"
    label = "handover"

    def ready(self) -> None:
        """Register permissions, jobs, subscribers, and what is noted when a record changes hands afterwards."""
        from crm.handover import jobs, permissions, subscribers  # noqa: F401
        from crm.handover.services.following import note_owner_change, note_owner_changes_of_many
        from crm.records.hooks import RecordHook, register_hook
        from guanxi.notifications.registry import register_kind

        register_hook(RecordHook("handover", saved=note_owner_change, saved_many=note_owner_changes_of_many))
        for code in ("handover_received", "handover_given", "handover_done", "handover_settled", "handover_orphans"):
            register_kind(code)
