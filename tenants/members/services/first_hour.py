"""The guided first hour: which steps are done.

Upper apps say how one sees that a step is done. They are asked only while it is not, when somebody looks at the list.
"""

from collections.abc import Callable

from django.db import transaction

from guanxi.access import Actor
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.models import FirstHourStep
from tenants.members.types import FirstHour

_checks: dict[FirstHour, Callable[[], bool]] = {}


def register_first_hour_check(code: str, is_done: Callable[[], bool]) -> None:
    """Say how one sees, in the current tenant, that a step is done, such as five FAQs that are there."""
    _checks[FirstHour(code)] = is_done


def refresh_first_hour(*, actor: Actor) -> None:
    """Note the steps that have been done since somebody looked last."""
    done = set(FirstHourStep.objects.values_list("code", flat=True))
    for step, is_done in _checks.items():
        if step.value not in done and is_done():
            mark_first_hour_step(actor=actor, code=step)


def mark_first_hour_step(*, actor: Actor, code: str) -> bool:
    """Note that a step is done; return whether this was the first time."""
    step = FirstHour(code)
    with transaction.atomic():
        done, created = FirstHourStep.objects.get_or_create(code=step.value)
        if created:
            record_event(
                events.FIRST_HOUR_STEP_DONE,
                actor=actor,
                aggregate=("first_hour", done.pk),
                data={"code": step.value},
                audience=Audience(everyone=True),
            )
    return created
