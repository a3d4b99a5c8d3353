"""Shape of the home page in the API."""

from datetime import date
from decimal import Decimal

from ninja import Schema

from crm.activities.schemas import TaskOut
from crm.conversations.schemas import ConversationOut
from crm.deals.schemas import DealOut
from crm.leads.schemas import LeadOut


class MonthNumbersOut(Schema):
    """The month so far beside the whole month before it."""

    won_amount: Decimal
    won_count: int
    won_amount_before: Decimal
    won_count_before: int
    open_amount: Decimal
    open_count: int
    weighted_amount: Decimal
    leads: int
    leads_before: int
    converted: int
    answered_in_time: int
    answered: int


class WeekPointOut(Schema):
    """One week: its Monday, new leads, money won."""

    week: date
    leads: int
    won_amount: Decimal


class MyDayOut(Schema):
    """What waits for the member today, and how the month goes."""

    overdue_tasks: int
    today_tasks: int
    tasks: list[TaskOut]
    leads_waiting: list[LeadOut]
    conversations_waiting: list[ConversationOut]
    deals_at_risk: list[DealOut]
    numbers: MonthNumbersOut
    weeks: list[WeekPointOut]
