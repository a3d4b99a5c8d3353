"""Which records lie in pools, for apps above."""

from typing import Any

from django.db.models import QuerySet

from crm.pools.models import PoolEntry


def lying_ids(kind: str) -> QuerySet[PoolEntry, Any]:
    """Return the ids of the records of a kind that lie in any pool, as a subquery."""
    return PoolEntry.objects.filter(kind=kind).values("record_id")
