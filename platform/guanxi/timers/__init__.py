"""What is due when: one public table for every reminder and time limit, so that nothing has to visit the tenants to look."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.timers.registry import on_due

if TYPE_CHECKING:
    from guanxi.timers.services import cancel_timer, defer, forget_tenant, payload_of, run_due, set_timer

__all__ = ["cancel_timer", "defer", "forget_tenant", "on_due", "payload_of", "run_due", "set_timer"]

__getattr__ = lazy_exports(
    __name__, dict.fromkeys(["cancel_timer", "defer", "forget_tenant", "payload_of", "run_due", "set_timer"], "services")
)
