"""The base of every Celery task: the tenant travels in a header, and the worker opens its scope round the run."""

import logging
from typing import Any

from celery import Task

from guanxi.tenancy import current_tenant, find_tenant, public_scope, tenant_scope

log = logging.getLogger(__name__)
TENANT_HEADER = "gx_tenant"


class TenantTask(Task):
    """A task of one tenant (or of the public schema, when it is sent outside of any). Its arguments are ids.

    It may run twice, since a killed worker's task comes back: the service that it calls must not mind.
    """

    abstract = True
    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send the task with the tenant of this context."""
        tenant = current_tenant()
        headers = dict(options.pop("headers", None) or {})
        headers.setdefault(TENANT_HEADER, tenant.schema if tenant else "")
        return super().apply_async(args, kwargs, headers=headers, **options)

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Run the task here and now, as a worker would."""
        tenant = current_tenant()
        headers = dict(options.pop("headers", None) or {})
        headers.setdefault(TENANT_HEADER, tenant.schema if tenant else "")
        return super().apply(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run inside the scope that the message names."""
        schema = (self.request.headers or {}).get(TENANT_HEADER)
        if schema is None:  # Called as a plain function: the caller's scope holds.
            return self.run(*args, **kwargs)
        if not schema:
            with public_scope():
                return self.run(*args, **kwargs)
        tenant = find_tenant(schema)
        if tenant is None:
            log.warning("task %s dropped: its tenant is gone", self.name)
            return None
        with tenant_scope(tenant):
            return self.run(*args, **kwargs)
