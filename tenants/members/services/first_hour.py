"""The guided first hour: which steps are done."""

from django.db import transaction

from guanxi.access import Actor
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.models import FirstHourStep
from tenants.members.types import FirstHour


def mark_first_hour_step(*, actor: Actor, code: str) -> bool:
    """Note that a step is done; return whether this was the first time. Upper apps call it where the step happens."""
    step = FirstHour(code)
    with transaction.atomic():
        done, created = FirstHourStep.objects.get_or_create(code=step.value)
        if created:
            everyone = Audience(everyone=True)
            data = {"code": step.value}
            record_event(
                events.FIRST_HOUR_STEP_DONE,
                actor=actor,
                aggregate=("first_hour", done.pk),
                data=data,
                audience=everyone,
            )
    return created
