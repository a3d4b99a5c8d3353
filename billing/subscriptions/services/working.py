"""Works off what Stripe told: whatever an event says, the subscription is read from Stripe again and written whole.

So neither the order nor the number of events matters. The row is locked before Stripe is asked: were it the other way
round, of two workers the one that asked first could write last.
"""

import logging
from datetime import timedelta

from django.db import transaction

from billing.gateways import stripe_gateway
from billing.gateways.types import SubscriptionAtProvider
from billing.plans.selectors import price_of_lookup_key
from billing.subscriptions import events
from billing.subscriptions.models import StripeEvent, Subscription
from billing.subscriptions.services.receiving import MOST_ATTEMPTS, RETRY
from guanxi.access import Actor
from guanxi.audit import diff, record_audit, snapshot
from guanxi.common import clock
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.tenancy import public_scope, tenant_scope
from guanxi.timers import cancel_timer, set_timer
from tenants.workspaces.services import change_plan, change_state

log = logging.getLogger(__name__)
S = Subscription.State
STATES: dict[str, str] = {
    "trialing": S.TRIALING,
    "active": S.ACTIVE,
    "past_due": S.PAST_DUE,
    "unpaid": S.PAST_DUE,
    "paused": S.PAST_DUE,
    "canceled": S.CANCELLED,
}
# A first payment that was never made bought nothing.
NEVER_BEGAN = {"incomplete", "incomplete_expired"}
ENDED = "canceled"
SNAPSHOT = (
    "state",
    "plan",
    "seats",
    "currency",
    "interval",
    "trial_ends_at",
    "current_period_end",
    "cancel_at_period_end",
    "ended_at",
    "stripe_subscription_id",
)
# A workspace on its way out stays so, whatever is paid.
FOLLOWING = {"trialing", "active", "past_due", "read_only", "suspended"}
FOLLOWED = {S.ACTIVE: "active", S.PAST_DUE: "past_due"}
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


class UnknownPrice(RuntimeError):
    """Stripe names a price that is not in the catalogue."""


def work_off_event(*, event_id: int) -> None:
    """Bring the subscription that an event is about to what Stripe says now; a failure is noted and comes again."""
    with public_scope():
        event = StripeEvent.objects.filter(pk=event_id).first()
        if event is None or event.state in {StripeEvent.State.DONE, StripeEvent.State.IGNORED}:
            return
        try:
            with transaction.atomic():
                known = event.customer_id != "" and read_again(customer_id=event.customer_id)
                _close(event, StripeEvent.State.DONE if known else StripeEvent.State.IGNORED)
        except Exception as fault:
            log.exception("event %s could not be worked off", event.event_id)
            _postpone(event, fault)


def read_again(*, customer_id: str) -> bool:
    """Write what Stripe says of a customer's subscription, in a transaction; return False for nobody's customer."""
    with public_scope(), transaction.atomic():
        row = (
            Subscription.objects.select_for_update(of=("self",))
            .select_related("workspace", "plan")
            .filter(stripe_customer_id=customer_id)
            .first()
        )
        if row is None:
            return False
        before = snapshot(row, SNAPSHOT)
        found = decisive(stripe_gateway.read_subscriptions(customer_id))
        if found is not None:
            _take_over(row, found)
        row.read_at = clock.now()
        changed = diff(before, snapshot(row, SNAPSHOT))
        if changed:
            row.updated_at = row.read_at
        row.save(update_fields=[*SNAPSHOT, "read_at", "updated_at"])
        if changed:
            _tell(row, sorted(changed), changed)
        return True


def decisive(found: list[SubscriptionAtProvider]) -> SubscriptionAtProvider | None:
    """Return the one that counts: the newest that runs, else the newest that ran; None when nothing ever began."""
    begun = [each for each in found if each.status not in NEVER_BEGAN]
    return max(begun, key=lambda each: (each.status != ENDED, each.created, each.id), default=None)


def _take_over(row: Subscription, found: SubscriptionAtProvider) -> None:
    price = price_of_lookup_key(found.lookup_key)
    if price is None:
        raise UnknownPrice(f"{found.id} has the price {found.lookup_key!r}")
    row.state = STATES[found.status]
    row.plan = price.plan
    row.seats = found.seats
    row.currency, row.interval = found.currency, found.interval
    if found.trial_end is not None:
        row.trial_ends_at = found.trial_end
    row.current_period_end = found.current_period_end
    row.cancel_at_period_end = found.cancel_at_period_end
    row.ended_at = found.ended_at
    row.stripe_subscription_id = found.id


def _tell(row: Subscription, fields: list[str], changed: dict[str, tuple[object, object]]) -> None:
    workspace = row.workspace
    to = FOLLOWED.get(S(row.state))
    with tenant_scope(workspace.ref):
        actor = Actor.system("Stripe")
        change_plan(actor=actor, workspace_id=workspace.pk, plan_code=row.plan.code)
        if to is not None and workspace.state in FOLLOWING:
            change_state(actor=actor, workspace_id=workspace.pk, to=to, reason="subscription")
        record_audit(actor=actor, action="updated", kind="subscription", record_id=row.pk, changes=changed)
        record_event(
            events.CHANGED,
            actor=actor,
            aggregate=("subscription", row.pk),
            data={"state": row.state, "plan": row.plan.code, "seats": row.seats, "fields": fields},
            audience=Audience(permission="billing.read"),
        )


def _close(event: StripeEvent, state: str) -> None:
    StripeEvent.objects.filter(pk=event.pk).update(
        state=state, attempts=event.attempts + 1, error="", worked_at=clock.now()
    )
    cancel_timer(RETRY, event.pk)


def _postpone(event: StripeEvent, fault: Exception) -> None:
    attempts = event.attempts + 1
    with transaction.atomic():
        StripeEvent.objects.filter(pk=event.pk).update(
            state=StripeEvent.State.FAILED,
            attempts=attempts,
            error=f"{type(fault).__name__}: {fault}"[:1000],
            worked_at=clock.now(),
        )
        if attempts < MOST_ATTEMPTS:
            set_timer(RETRY, event.pk, clock.now() + min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE))
        else:
            cancel_timer(RETRY, event.pk)
            log.error("event %s is given up after %s tries", event.event_id, attempts)
