"""Writes subscriptions: their trial, buying, and what Stripe tells."""

from billing.subscriptions.services.buying import open_checkout
from billing.subscriptions.services.receiving import take_stripe_event
from billing.subscriptions.services.trials import start_trial
from billing.subscriptions.services.working import work_off_event

__all__ = ["open_checkout", "start_trial", "take_stripe_event", "work_off_event"]
