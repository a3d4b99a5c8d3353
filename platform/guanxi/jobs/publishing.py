"""Sends tasks to the workers after the commit; what cannot be sent waits in the database."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from celery import Task, current_app
from django.db import transaction

from guanxi.common import clock
from guanxi.tenancy import TenantRef, current_tenant, public_scope, tenant_scope
from guanxi.timers import defer, on_due, payload_of

log = logging.getLogger(__name__)
UNSENT = "jobs.unsent"
PAUSE = timedelta(seconds=5)


def enqueue(task: Task, *args: Any) -> None:
    """Send `task` with the current tenant once the caller's transaction has committed; `args` are ids, plain JSON.

    When the broker is away the task is kept in the database and sent later, so that the caller's request does not fail.
    """
    transaction.on_commit(partial(_publish, task, args, current_tenant()))


def _publish(task: Task, args: tuple[Any, ...], tenant: TenantRef | None) -> None:
    with tenant_scope(tenant) if tenant else public_scope():
        try:
            task.apply_async(args)
        except Exception as fault:
            # Whatever stopped the sending, the caller's work is committed and the task has to follow.
            log.warning("task %s waits: the broker is away (%s)", task.name, type(fault).__name__)
            defer(UNSENT, {"task": task.name, "args": list(args)}, at=clock.now() + PAUSE)


@on_due(UNSENT)
def send_again(ref_id: int) -> None:
    """Send a task that waited; an exception makes the timer try again later."""
    kept = payload_of(UNSENT, ref_id)
    if kept is not None:
        current_app.tasks[kept["task"]].apply_async(kept["args"])
