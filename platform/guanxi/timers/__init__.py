"""What is due when: one public table for every reminder and time limit, so that nothing has to visit the tenants to
look.
"""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.timers.registry import on_due

if TYPE_CHECKING:
    from guanxi.timers.services import (
        cancel_timer,
        defer,
        forget_past,
        forget_tenant,
        payload_of,
        reseal_deferred,
        retry_deferred,
        run_due,
        set_timer,
        snooze_timer,
        take_deferred,
    )

__all__ = [
    "cancel_timer",
    "defer",
    "forget_past",
    "forget_tenant",
    "on_due",
    "payload_of",
    "reseal_deferred",
    "retry_deferred",
    "run_due",
    "set_timer",
    "snooze_timer",
    "take_deferred",
]

__getattr__ = lazy_exports(__name__, {name: "services" for name in __all__ if name != "on_due"})
