"""The nightly chores of the packages below this one, which do not know that there are nights."""

from guanxi.events.services import forget_done_events
from guanxi.files.services import sweep_orphans
from guanxi.http.idempotency import forget_old_keys
from guanxi.jobs.registry import daily

daily("files.sweep")(sweep_orphans)
daily("events.prune", public=True)(forget_done_events)
daily("http.prune_keys")(forget_old_keys)
