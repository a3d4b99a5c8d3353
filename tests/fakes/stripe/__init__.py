"""Stripe, played over HTTP: stateful, strict about what the real one refuses, with a page to pay on."""

from tests.fakes.stripe.fake import FakeStripe
from tests.fakes.stripe.faults import Fault, FaultKind
from tests.fakes.stripe.shop import Shop

__all__ = ["FakeStripe", "Fault", "FaultKind", "Shop"]
