"""Sees to it that no sign-up waits for ever and that spares are there, also when a task was lost.

It costs nothing while all is well.
"""

from datetime import timedelta

from guanxi.common import clock
from guanxi.jobs import enqueue
from guanxi.tenancy import public_scope
from guanxi.timers import on_due, set_timer
from tenants.workspaces.models import SignUp
from tenants.workspaces.provisioning.spares import spares_missing

KIND = "workspaces.look_after"
PAUSE = timedelta(seconds=20)


def look_after_soon() -> None:
    """Look in a little while whether everything went well, in the caller's transaction."""
    with public_scope():
        set_timer(KIND, 1, clock.now() + PAUSE)


@on_due(KIND)
def look_after(ref_id: int) -> None:
    """Send again what was lost: late sign-ups, missing spares; come back as long as there is anything."""
    from tenants.workspaces import tasks

    waiting = SignUp.objects.filter(state=SignUp.State.PREPARING)
    late = waiting.filter(updated_at__lt=clock.now() - PAUSE).order_by("created_at")
    for sign_up_id in late.values_list("pk", flat=True)[:50]:
        enqueue(tasks.finish_sign_up, sign_up_id)
    missing = spares_missing()
    if missing:
        enqueue(tasks.refill_spares)
    if missing or waiting.exists():
        set_timer(KIND, ref_id, clock.now() + PAUSE)
