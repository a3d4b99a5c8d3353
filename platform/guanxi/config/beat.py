"""Celery beat's scheduler, which shows at each tick that it is alive."""

from typing import Any

from celery.beat import PersistentScheduler

from guanxi.common.heartbeat import pulse


class PulsingScheduler(PersistentScheduler):
    """The persistent scheduler with a sign of life."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Run one tick of the schedule."""
        pulse("beat")
        seconds: float = super().tick(*args, **kwargs)
        return seconds
