"""Puts tenant and request into every log line."""

import logging

from guanxi.common.context import request_info
from guanxi.tenancy import current_tenant


class ContextFilter(logging.Filter):
    """Adds `tenant` and `request_id` to a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always let the record pass."""
        tenant, info = current_tenant(), request_info()
        record.tenant = tenant.schema if tenant else "-"
        record.request_id = info.request_id if info else "-"
        return True
