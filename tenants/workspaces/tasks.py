"""Work on schemas and sign-ups that nobody's request should wait for."""

from datetime import timedelta

from celery import shared_task

from guanxi.common import clock
from guanxi.jobs import TenantTask, enqueue
from guanxi.tenancy import public_scope
from tenants.workspaces.models import SignUp
from tenants.workspaces.provisioning import spares
from tenants.workspaces.services import signing_up

# Long enough for a schema that has to be migrated because no pg_dump is there.
SCHEMA_TIME_LIMIT = 300
LATE = timedelta(seconds=20)


@shared_task(base=TenantTask, name="workspaces.refill_spares", time_limit=SCHEMA_TIME_LIMIT, soft_time_limit=SCHEMA_TIME_LIMIT - 10)
def refill_spares() -> None:
    """Make one spare schema when there are too few, and come back for the next."""
    if spares.refill_spares(at_most=1) and spares.spares_missing():
        enqueue(refill_spares)


@shared_task(base=TenantTask, name="workspaces.finish_sign_up", time_limit=SCHEMA_TIME_LIMIT, soft_time_limit=SCHEMA_TIME_LIMIT - 10)
def finish_sign_up(sign_up_id: int) -> None:
    """Finish one sign-up that found no spare schema."""
    try:
        signing_up.finish_sign_up(sign_up_id=sign_up_id)
    except Exception as fault:
        signing_up.note_failure(sign_up_id=sign_up_id, fault=fault)
        raise


@shared_task(base=TenantTask, name="workspaces.look_after_sign_ups")
def look_after_sign_ups() -> None:
    """Take up waiting sign-ups whose task was lost or failed, and see that there are spares."""
    with public_scope():
        late = SignUp.objects.filter(state=SignUp.State.PREPARING, updated_at__lt=clock.now() - LATE)
        for sign_up_id in late.order_by("created_at").values_list("pk", flat=True)[:50]:
            enqueue(finish_sign_up, sign_up_id)
    if spares.spares_missing():
        enqueue(refill_spares)
