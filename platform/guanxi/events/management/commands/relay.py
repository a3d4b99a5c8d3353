"""The relay process: wakes on each commit that wrote an event, and every second."""

import logging
import signal
import time
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from django.db import connection

from guanxi.common.heartbeat import pulse
from guanxi.events.relay import run_ticks, take_batch
from guanxi.events.services import WAKE_CHANNEL
from guanxi.events.tasks import deliver

log = logging.getLogger("guanxi.relay")


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; a lost database or broker only makes it wait and try again."""

    help = "Hand events from the outbox to the workers, and what is due to its handlers."
    requires_system_checks: list[str] = []
    stopping = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen, hand over, tick."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.stdout.write("relay ready")
        self.stdout.flush()
        while not self.stopping:
            pulse("relay")
            try:
                self._listen()
            except Exception as fault:
                log.warning("the relay lost its connection and tries again: %s", fault)
                connection.close()
                time.sleep(1)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _listen(self) -> None:
        params = connection.get_connection_params()
        params = {
            key: value
            for key, value in params.items()
            if key not in {"pool", "cursor_factory", "context", "prepare_threshold"}
        }
        with psycopg.connect(**params, autocommit=True) as listener:
            listener.execute(f"LISTEN {WAKE_CHANNEL}")
            last_tick = 0.0
            while not self.stopping:
                pulse("relay")
                self._hand_over()
                if time.monotonic() - last_tick >= 1:
                    last_tick = time.monotonic()
                    run_ticks()
                # A notification ends the wait at once; a second later what came due by the clock is looked at anyway.
                for _ in listener.notifies(timeout=1, stop_after=1):
                    pass

    def _hand_over(self) -> None:
        while batch := take_batch():
            for event_id in batch:
                deliver.delay(event_id)
