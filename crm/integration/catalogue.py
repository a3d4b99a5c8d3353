"""Which kinds of events other programs may hear of: those that the apps of the CRM name in their `events` modules."""

import re
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from crm.integration.types import TEST_KIND

KIND = re.compile(r"^[a-z_]+\.[a-z_]+$")
# What tells of somebody's reading, of the timers or of webhooks themselves is nobody's business outside.
NOT_TOLD = frozenset({"conversation.read"})
OWN = "crm.integration"
# The GET of the API that shows a record of this kind, with the name of its parameter.
RECORD_OPERATIONS = {
    "lead": ("leads_get", "lead_id"),
    "customer": ("customers_get", "customer_id"),
    "contact": ("contacts_get", "contact_id"),
    "deal": ("deals_get", "deal_id"),
    "task": ("tasks_get", "task_id"),
    "conversation": ("conversations_get", "conversation_id"),
    "faq": ("faqs_get", "faq_id"),
    "article": ("articles_get", "article_id"),
}


@lru_cache(maxsize=1)
def event_kinds() -> tuple[str, ...]:
    """Return every kind that an endpoint can ask for, sorted."""
    found: set[str] = set()
    for config in apps.get_app_configs():
        module = f"{config.name}.events"
        if config.name.startswith("crm.") and config.name != OWN and find_spec(module) is not None:
            names = vars(import_module(module))
            found |= {v for n, v in names.items() if n.isupper() and isinstance(v, str) and KIND.match(v)}
    return tuple(sorted(found - NOT_TOLD))


def grouped_kinds() -> dict[str, list[str]]:
    """Return the kinds by what they tell of."""
    groups: dict[str, list[str]] = {}
    for kind in event_kinds():
        groups.setdefault(kind.partition(".")[0], []).append(kind)
    return groups


def is_told(kind: str) -> bool:
    """Return whether endpoints may hear of a kind."""
    return kind in event_kinds()


def wants(kinds: list[str], kind: str) -> bool:
    """Return whether an endpoint that asked for `kinds` gets this one; nothing asked for means everything."""
    return kind == TEST_KIND or not kinds or kind in kinds
