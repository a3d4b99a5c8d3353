"""The trail of what was changed, revealed and exported, by whom; nothing in it is ever changed."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports

if TYPE_CHECKING:
    from guanxi.audit.selectors import record_history
    from guanxi.audit.services import record_audit
    from guanxi.audit.snapshots import diff, snapshot

__all__ = ["diff", "record_audit", "record_history", "snapshot"]

__getattr__ = lazy_exports(
    __name__, {"record_audit": "services", "record_history": "selectors", "snapshot": "snapshots", "diff": "snapshots"}
)
