"""Suspected pairs: ignored by people, found in the base by night."""

from django.db import transaction
from django.db.models import Count, F

from crm.duplicates.models import DuplicateKey, DuplicatePair
from crm.duplicates.selectors import suspected_pairs
from crm.duplicates.services.checking import mark_pairs
from crm.records.registry import record_kind
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import NotFound

# A number that so many records share is a switchboard or a placeholder, and tells nothing.
TOO_COMMON = 20
MAX_VALUES = 5000


@transaction.atomic
def ignore_pair(*, actor: Actor, pair_id: int) -> DuplicatePair:
    """Say that two records are not one; they are not named again."""
    require(actor, "duplicate.read")
    reachable = suspected_pairs(actor).filter(pk=pair_id)
    pair = DuplicatePair.objects.select_for_update().filter(pk__in=reachable.values("pk")).first()
    if pair is None:
        raise NotFound("duplicate", pair_id)
    pair.state = DuplicatePair.State.IGNORED
    pair.decided_by_id, pair.decided_at = actor.member_id, clock.now()
    pair.save()
    record_audit(actor=actor, action="ignore", kind="duplicate", record_id=pair.pk)
    return pair


def find_pairs(*, limit: int = MAX_VALUES) -> int:
    """Look through the keys of the tenant for those that several records share; return how many pairs were met."""
    shared = (
        DuplicateKey.objects.values("sort", "value")
        .annotate(records=Count("id"), first=F("sort"))
        .filter(records__gt=1, records__lte=TOO_COMMON)
        .order_by("sort", "value")
    )
    met = 0
    for row in shared[:limit]:
        keys = DuplicateKey.objects.filter(sort=row["sort"], value=row["value"]).order_by("pk")
        # All but the first: each is compared with everything, the first among it.
        for kind, record_id in list(keys.values_list("kind", "record_id"))[1:]:
            record = record_kind(kind).model._default_manager.filter(pk=record_id).first()
            met += mark_pairs(kind, record) if record is not None else 0
    return met
