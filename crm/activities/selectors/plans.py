"""Plans by whose calendar they stand in. Whoever calls has checked the rights."""

from django.db.models import QuerySet

from crm.activities.models import Activity
from crm.activities.types import PLANNED_KINDS


def plans_of_member(member_id: int) -> QuerySet[Activity]:
    """Return what a member means to do and has not done yet."""
    return Activity.objects.filter(
        member_id=member_id, state=Activity.State.PLANNED, kind__in=sorted(PLANNED_KINDS), deleted_at__isnull=True
    )
