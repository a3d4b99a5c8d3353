"""What waits for the team on the day of the demo: work due, customers asking, a bell that has rung."""

from datetime import timedelta

from django.db import transaction

from crm.activities.services import create_task
from crm.conversations.services import add_note, queue_for_person, receive_message, send_bot_message, take_over
from crm.conversations.types import ChannelRef, Inbound
from crm.customers.selectors import visible_customers
from crm.customers.types import PersonKey
from crm.deals.selectors import access_pipeline, stages_of, visible_deals
from crm.deals.services import create_deal, move_deal
from crm.knowledge.services import record_unanswered
from crm.leads.services import capture_lead
from crm.leads.types import CapturedLead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.config.demo import words
from guanxi.config.demo.agenda import arrange_agenda
from guanxi.config.demo.company import Company, wechat_account
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.quiet import quiet, settle_deliveries

TASKS_EACH = ((-26, 1), (-3, 1), (2, 2), (5, 1), (26, 2), (75, 1))


def arrange_today(company: Company, dice: Dice) -> None:
    """Write today's tasks, talks and leads through the services, with their events."""
    _open_deals(company, dice)
    _tasks(company, dice)
    arrange_agenda(company, dice)
    _talks(company, dice)
    _fresh_leads(company, dice)
    for text in words.UNANSWERED:
        for _ in range(dice.between(1, 4)):
            record_unanswered(question=text, conversation_id=None)


@transaction.atomic
def _open_deals(company: Company, dice: Dice) -> None:
    """Deals on their way, in every stage: what the board shows today."""
    stages = [stage for stage in stages_of(access_pipeline(None)) if stage.kind == "open"]
    with quiet():
        for actor in (actor for part, actor in company.people.items() if part.startswith("rep")):
            customers = list(visible_customers(actor).filter(archived_at__isnull=True).order_by("-updated_at")[:40])
            for number in range(min(9, len(customers))):
                customer, begun = dice.pick(customers), clock.now() - timedelta(days=dice.between(3, 26))
                values = {
                    "name": dice.pick(words.DEALS),
                    "amount": dice.amount(1.6),
                    "customer_id": customer.pk,
                    "source": "repeat",
                    "expected_close_on": (clock.now() + timedelta(days=dice.between(-4, 30))).date(),
                }
                with clock.at(begun):
                    deal = create_deal(actor=actor, values=values)
                if number % len(stages):
                    with clock.at(begun + timedelta(days=dice.between(1, 2))):
                        move_deal(actor=actor, deal_id=deal.pk, stage_id=stages[number % len(stages)].pk)


@transaction.atomic
def _tasks(company: Company, dice: Dice) -> None:
    """What each of them has to do: some overdue, some today, some later. They wrote it down two days ago."""
    with quiet():
        for part, actor in company.people.items():
            if part.startswith(("rep", "manager")):
                _tasks_of(actor, dice)


def _tasks_of(actor: Actor, dice: Dice) -> None:
    deals = visible_deals(actor).filter(stage__kind="open", archived_at__isnull=True).order_by("-amount")[:12]
    customers = visible_customers(actor).order_by("-updated_at")[:12]
    about = [("deal", deal.pk) for deal in deals] + [("customer", customer.pk) for customer in customers]
    for hours, number in TASKS_EACH:
        for _ in range(number):
            values = {
                "title": dice.pick(words.TASKS),
                "due_at": clock.now() + timedelta(hours=hours, minutes=dice.between(0, 50)),
                "kind": dice.pick(["todo", "call", "visit"]),
                "priority": dice.pick([1, 2, 2, 3]),
            }
            with clock.at(clock.now() - timedelta(days=2)):
                create_task(actor=actor, values=values, record=dice.pick(about) if about else None)


def _talks(company: Company, dice: Dice) -> None:
    """Three customers wait in the queue, two talks are in an agent's hands, one is with the assistant."""
    agents = [company.people[part] for part in company.people if part.startswith("agent")]
    for number, (text, reason) in enumerate(words.LIVE_QUESTIONS):
        conversation_id = _ask(
            company, dice, f"today-{number}", [dice.pick(dice.pick(words.TALKS))[0], text], ago=6 + 9 * number
        )
        with clock.at(clock.now() - timedelta(minutes=5 + 9 * number)):
            queue_for_person(conversation_id=conversation_id, reason=reason)
    for number, agent in enumerate(agents):
        conversation_id = _ask(
            company, dice, f"held-{number}", ["转人工", "之前定的礼盒发货了吗"], ago=50 + 10 * number
        )
        take_over(actor=agent, conversation_id=conversation_id)
        add_note(actor=agent, conversation_id=conversation_id, text=dice.pick(words.NOTES))
        settle_deliveries()
    _ask(company, dice, "bot-0", ["你好，在吗"], ago=2)


def _ask(company: Company, dice: Dice, code: str, texts: list[str], *, ago: int) -> int:
    keys = wechat_account(company.plan)
    name = dice.person()
    key = PersonKey(
        "wechat_openid", f"{keys['app_id']}:oToday{code}{dice.between(10**9, 10**10)}", True, display_name=name
    )
    conversation_id = 0
    for number, text in enumerate(texts):
        moment = clock.now() - timedelta(minutes=ago) + timedelta(seconds=40 * number)
        with clock.at(moment):
            received = receive_message(
                inbound=Inbound(
                    channel=ChannelRef(company.wechat_id, "wechat"),
                    sender=key,
                    dedupe_key=f"demo-{code}-{number}",
                    kind="text",
                    text=text,
                    sent_at=moment,
                )
            )
            conversation_id = received.conversation_id
            if number == 0 and len(texts) > 1:
                greeting = words.CANNED[0][2]
                send_bot_message(conversation_id=conversation_id, key=f"demo-hi:{code}", text=greeting, passive=True)
    return conversation_id


def _fresh_leads(company: Company, dice: Dice) -> None:
    """Leads of the last hours that nobody has answered: the clock of their first response runs."""
    for number in range(4):
        name, _, _, _, city = dice.company()
        captured = CapturedLead(
            source=dice.pick(["wechat", "web", "exhibition"]),
            name=dice.person(),
            company=name,
            phone=dice.phone(),
            city=city,
            need=dice.fill(dice.pick(words.NEEDS)),
            budget=dice.pick(words.BUDGETS),
        )
        with clock.at(clock.now() - timedelta(minutes=4 + 7 * number)):
            capture_lead(actor=Actor.system("the demo's day"), captured=captured)
