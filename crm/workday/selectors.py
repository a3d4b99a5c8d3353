"""Reads the home page: a dozen bounded queries, whatever the size of the tenant."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncWeek

from crm.activities.selectors import end_of_day, name_records, visible_tasks
from crm.conversations.selectors import visible_conversations
from crm.deals.selectors import visible_deals
from crm.leads.selectors import visible_leads
from crm.records.modes import is_hidden
from crm.workday.types import MonthNumbers, MyDay, WeekPoint
from guanxi.access import Actor, allows
from guanxi.common import clock

SHOWN = 6
WEEKS = 12
QUIET_AFTER = timedelta(days=14)


def my_day(actor: Actor) -> MyDay:
    """Return what waits for the actor today and how the month goes, over what the actor may see."""
    tasks = visible_tasks(actor).filter(owner_id=actor.member_id, state="open", archived_at__isnull=True)
    due = tasks.filter(due_at__lt=end_of_day(actor.timezone))
    first = list(due.order_by("due_at", "id")[:SHOWN])
    name_records(actor, first)
    now = clock.now()
    counts = due.aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)))
    return MyDay(
        overdue_tasks=counts["overdue"],
        today_tasks=counts["all"] - counts["overdue"],
        tasks=first,
        leads_waiting=_leads_waiting(actor),
        conversations_waiting=_conversations_waiting(actor),
        deals_at_risk=_deals_at_risk(actor),
        numbers=_numbers(actor),
        weeks=_weeks(actor),
    )


def _leads_waiting(actor: Actor) -> list[Any]:
    if not allows(actor, "lead.read"):
        return []
    rows = visible_leads(actor).filter(archived_at__isnull=True, first_response_at__isnull=True)
    mine = rows.filter(owner_id=actor.member_id, state__in=["new", "assigned"])
    return list(mine.order_by("response_due_at", "-created_at")[:SHOWN])


def _conversations_waiting(actor: Actor) -> list[Any]:
    if not allows(actor, "conversation.read"):
        return []
    rows = visible_conversations(actor).filter(waiting_since__isnull=False)
    return list(rows.filter(Q(assignee_id=actor.member_id) | Q(state="queued")).order_by("waiting_since")[:SHOWN])


def _deals_at_risk(actor: Actor) -> list[Any]:
    if not allows(actor, "deal.read"):
        return []
    now = clock.now()
    stay = ExpressionWrapper(Value(now) - F("stage_entered_at"), output_field=DurationField())
    rows = visible_deals(actor).filter(stage__kind="open", archived_at__isnull=True, owner_id=actor.member_id)
    rows = rows.annotate(
        stay=stay, longest=ExpressionWrapper(F("stage__max_days") * timedelta(days=1), DurationField())
    )
    risky = Q(stay__gt=F("longest")) | Q(expected_close_on__lt=clock.today(actor.timezone))
    risky |= Q(last_activity_at__lt=now - QUIET_AFTER) | Q(
        last_activity_at__isnull=True, created_at__lt=now - QUIET_AFTER
    )
    return list(rows.filter(risky).order_by("-amount", "id")[:SHOWN])


def _month(actor: Actor, back: int = 0) -> datetime:
    """Return the first moment of this month, or of the month that many before it, in the actor's zone."""
    first = clock.now().astimezone(ZoneInfo(actor.timezone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _numbers(actor: Actor) -> MonthNumbers:
    this, before = _month(actor), _month(actor, 1)
    counted = allows(actor, "deal.read") and not is_hidden(actor, "deal", "amount")
    deals: QuerySet[Any] = visible_deals(actor) if counted else visible_deals(actor).none()
    deals = deals.filter(archived_at__isnull=True).order_by()
    won = Q(stage__kind="won")
    money = deals.aggregate(
        won=Sum("amount", filter=won & Q(closed_at__gte=this)),
        won_count=Count("pk", filter=won & Q(closed_at__gte=this)),
        won_before=Sum("amount", filter=won & Q(closed_at__gte=before, closed_at__lt=this)),
        won_count_before=Count("pk", filter=won & Q(closed_at__gte=before, closed_at__lt=this)),
        open=Sum("amount", filter=Q(stage__kind="open")),
        open_count=Count("pk", filter=Q(stage__kind="open")),
        weighted=Sum(F("amount") * F("stage__probability") / 100, filter=Q(stage__kind="open")),
    )
    leads: QuerySet[Any] = visible_leads(actor) if allows(actor, "lead.read") else visible_leads(actor).none()
    answered = Q(created_at__gte=this, first_response_at__isnull=False)
    people = leads.order_by().aggregate(
        leads=Count("pk", filter=Q(created_at__gte=this)),
        leads_before=Count("pk", filter=Q(created_at__gte=before, created_at__lt=this)),
        converted=Count("pk", filter=Q(converted_at__gte=this)),
        answered=Count("pk", filter=answered),
        in_time=Count("pk", filter=answered & Q(first_response_at__lte=F("response_due_at"))),
    )
    zero = Decimal(0)
    return MonthNumbers(
        won_amount=money["won"] or zero,
        won_count=money["won_count"],
        won_amount_before=money["won_before"] or zero,
        won_count_before=money["won_count_before"],
        open_amount=money["open"] or zero,
        open_count=money["open_count"],
        weighted_amount=Decimal(money["weighted"] or 0).quantize(Decimal("0.01")),
        leads=people["leads"],
        leads_before=people["leads_before"],
        converted=people["converted"],
        answered_in_time=people["in_time"],
        answered=people["answered"],
    )


def _weeks(actor: Actor) -> list[WeekPoint]:
    zone = ZoneInfo(actor.timezone)
    today = clock.today(actor.timezone)
    monday = today - timedelta(days=today.weekday())
    since = datetime.combine(monday - timedelta(weeks=WEEKS - 1), datetime.min.time(), tzinfo=zone)
    leads: dict[date, int] = {}
    if allows(actor, "lead.read"):
        rows = visible_leads(actor).filter(created_at__gte=since).order_by()
        leads = _by_week(
            rows.annotate(week=TruncWeek("created_at", tzinfo=zone)).values_list("week").annotate(Count("pk"))
        )
    won: dict[date, Decimal] = {}
    if allows(actor, "deal.read") and not is_hidden(actor, "deal", "amount"):
        deals = visible_deals(actor).filter(stage__kind="won", closed_at__gte=since).order_by()
        won = _by_week(
            deals.annotate(week=TruncWeek("closed_at", tzinfo=zone)).values_list("week").annotate(Sum("amount"))
        )
    weeks = [monday - timedelta(weeks=WEEKS - 1 - number) for number in range(WEEKS)]
    return [WeekPoint(week, leads.get(week, 0), won.get(week, Decimal(0))) for week in weeks]


def _by_week(rows: Any) -> dict[date, Any]:
    return {week.date(): value for week, value in rows}
