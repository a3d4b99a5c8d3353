"""Writes the rules."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.duplicates.models import DuplicateKey, DuplicateRule
from crm.duplicates.selectors import rule_for
from crm.duplicates.types import Entry, Rule, subjects
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound, VersionConflict

FIELDS = ("action", "sorts", "joins", "requests")


@transaction.atomic
def set_rule(*, actor: Actor, kind: str, entry: str, changes: Mapping[str, Any], version: int | None = None) -> Rule:
    """Change what happens when a new record of a kind that comes by an entry is known already."""
    require(actor, "duplicate.manage")
    if kind not in subjects() or entry not in set(Entry):
        raise NotFound("duplicate_rule", f"{kind}.{entry}")
    before = rule_for(kind, entry)
    wanted = {name: changes[name] for name in FIELDS if changes.get(name) is not None}
    if wanted.get("action", before.action) not in DuplicateRule.Action.values:
        raise Invalid("unknown_action", "A rule allows, warns or blocks.", fields={"action": "unknown"})
    if set(wanted.get("sorts", [])) - set(DuplicateKey.Sort.values):
        raise Invalid("unknown_key", "There is no such key.", fields={"sorts": "unknown"})
    defaults = {"action": before.action, "sorts": list(before.sorts), "joins": before.joins}
    row, _ = DuplicateRule.objects.get_or_create(
        kind=kind, entry=entry, defaults={**defaults, "requests": before.requests, "version": before.version}
    )
    row = DuplicateRule.objects.select_for_update().get(pk=row.pk)
    if version is not None and version != row.version:
        raise VersionConflict(row.version)
    difference = {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = clock.now()
    row.save()
    record_audit(actor=actor, action="update", kind="duplicate_rule", record_id=row.pk, changes=difference)
    return rule_for(kind, entry)
