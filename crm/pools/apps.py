"""Registers crm.pools with Django."""

from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """Public pools: what is nobody's, who may take it, and what comes back by itself."""

    name = "crm.pools"
    label = "pools"

    def ready(self) -> None:
        """Register permissions, jobs, subscribers, and what pools do when a record gets an owner elsewhere."""
        from crm.duplicates.types import register_protection
        from crm.pools import jobs, permissions, subscribers  # noqa: F401
        from crm.pools.selectors import protected_until
        from crm.pools.services.following import follow_owner
        from crm.records.hooks import RecordHook, register_hook
        from guanxi.notifications.registry import register_kind

        register_hook(RecordHook(name="pools", saved=follow_owner))
        register_protection(protected_until)
        for code in ("pool_warning", "pool_recycled", "pool_assigned"):
            register_kind(code)
