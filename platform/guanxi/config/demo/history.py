"""Two years of work, told by the services themselves with the clock set back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bots.evaluation.faqs import shipped_faqs
from crm.activities.services import log_activity
from crm.conversations.services import link_conversation, receive_message, resolve_conversation, send_bot_message
from crm.conversations.types import ChannelRef, Inbound
from crm.customers.services import know_person, update_customer
from crm.customers.types import PersonKey
from crm.deals.selectors import access_pipeline, stages_of
from crm.deals.services import create_deal, move_deal
from crm.leads.services import capture_lead, change_lead_state, convert_lead, note_first_response
from crm.leads.types import CapturedLead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.config.demo import words
from guanxi.config.demo.company import Company, wechat_account
from guanxi.config.demo.dice import SEASON, Dice, months
from guanxi.config.demo.quiet import quiet

LEADS_A_MONTH = 14
OPEN_FOR = timedelta(days=50)


@dataclass(frozen=True)
class Buyer:
    """A customer that has bought, and comes again by its weight."""

    customer_id: int
    contact_id: int
    owner: Actor
    weight: float


class History:
    """Tells a company's past, month by month, each month in one transaction."""

    def __init__(self, company: Company, dice: Dice) -> None:
        self.company = company
        self.dice = dice
        self.buyers: list[Buyer] = []
        self.stages = stages_of(access_pipeline(None))
        self.answers = {faq["id"]: faq for faq in shipped_faqs()}
        self.reps = {actor.member_id: actor for part, actor in company.people.items() if part.startswith("rep")}
        self.number = 0

    def tell(self, count: int, *, leads_a_month: int, say: Any) -> None:
        """Tell the last `count` months."""
        for position, (start, days) in enumerate(months(self.dice.now, count)):
            growth = 0.7 + 0.6 * position / max(1, count - 1)
            share = days / 30
            with transaction.atomic(), quiet():
                for _ in range(round(leads_a_month * SEASON[start.month] * growth * share)):
                    self._lead(start + timedelta(days=self.dice.between(0, max(0, days - 1))))
                self._come_again(start, days, SEASON[start.month])
            say(f"{start:%Y-%m}")

    def _lead(self, day: datetime) -> None:
        dice, at = self.dice, self.dice.moment(day)
        self.number += 1
        source = dice.weighted(words.SOURCES)
        name, industry, weight, province, city = dice.company()
        personal = dice.chance(0.15)
        captured: dict[str, Any] = {
            "source": source,
            "name": dice.person(),
            "company": "" if personal else name,
            "phone": dice.phone(),
            "city": city,
            "need": dice.fill(dice.pick(words.NEEDS)),
            "budget": dice.pick(words.BUDGETS) if dice.chance(0.6) else "",
            "timing": dice.pick(words.TIMINGS) if dice.chance(0.6) else "",
        }
        with clock.at(at):
            talk = self._talk(captured["name"], at, captured) if source == "wechat" else {}
            lead = capture_lead(actor=Actor.assistant(), captured=CapturedLead(**captured, **talk))
        owner = self.reps.get(lead.owner_id)
        if owner is None:
            return
        if talk:
            link_conversation(conversation_id=talk["conversation_id"], lead_id=lead.lead_id, owner_id=lead.owner_id)
        self._work(lead.lead_id, owner, at, weight, talk, {"industry": industry, "province": province})

    def _talk(self, name: str, at: datetime, captured: dict[str, Any]) -> dict[str, Any]:
        keys = wechat_account(self.company.plan)
        openid = f"oDemo{self.number:06d}{self.dice.between(10**9, 10**10 - 1)}"
        key = PersonKey("wechat_openid", f"{keys['app_id']}:{openid}", verified=True, display_name=name)
        identity = know_person(key=key)
        conversation_id = 0
        moment = at
        contact = f"我姓{captured['name'][0]}，电话{captured['phone']}，{captured['need']}"
        turns = [*self.dice.pick(words.TALKS), (contact, ""), (self.dice.pick(words.INQUIRY_END), "")]
        for number, (text, faq) in enumerate(turns):
            moment += timedelta(seconds=self.dice.between(15, 150))
            with clock.at(moment):
                inbound = Inbound(
                    channel=ChannelRef(self.company.wechat_id, "wechat"),
                    sender=key,
                    dedupe_key=f"demo-{self.number}-{number}",
                    kind="text",
                    text=text,
                    sent_at=moment,
                    attribution={"channel": "wechat", "source": "wechat"} if number == 0 else {},
                )
                received = receive_message(inbound=inbound)
                conversation_id = received.conversation_id
                self._answer(received.conversation_id, received.message_id, faq)
        with clock.at(moment + timedelta(hours=2)):
            resolve_conversation(actor=Actor.system("the talk ended"), conversation_id=conversation_id)
        return {"identity_id": identity.pk, "conversation_id": conversation_id, "phone_verified": True}

    def _answer(self, conversation_id: int, message_id: int, faq: str) -> None:
        if not faq:
            return
        known = self.answers[faq]
        send_bot_message(
            conversation_id=conversation_id,
            key=f"demo-answer:{message_id}",
            text=known["answer"],
            sources=[{"kind": "faq", "title": known["question"]}],
            passive=True,
        )

    def _work(
        self, lead_id: int, owner: Actor, at: datetime, weight: float, talk: dict[str, Any], more: dict[str, str]
    ) -> None:
        dice = self.dice
        recent = dice.now - at < timedelta(days=2)
        if recent and dice.chance(0.5):
            return
        answered = dice.after(at, 0.05, 0.4 if dice.chance(0.8) else 20)
        if answered > dice.now:
            return
        with clock.at(answered):
            log_activity(
                actor=owner,
                kind="call",
                record=("lead", lead_id),
                body=dice.fill(dice.pick(words.CALLS)),
                duration_minutes=dice.between(2, 15),
            )
            note_first_response(actor=owner, lead_id=lead_id)
        outcome = dice.weighted([("won", 34), ("lost", 22), ("nurturing", 12), ("invalid", 8), ("contacting", 24)])
        if outcome == "contacting" and dice.now - at > OPEN_FOR:
            outcome = dice.pick(["nurturing", "invalid", "lost"])
        moment = dice.after(answered, 4, 72)
        if moment > dice.now:
            return
        with clock.at(moment):
            if outcome in {"nurturing", "invalid"}:
                reasons = words.NURTURE if outcome == "nurturing" else words.INVALID
                change_lead_state(actor=owner, lead_id=lead_id, state=outcome, reason=dice.pick(reasons))
            elif outcome == "contacting":
                log_activity(actor=owner, kind="note", record=("lead", lead_id), body=dice.pick(words.NOTES))
                if dice.chance(0.5):
                    change_lead_state(actor=owner, lead_id=lead_id, state="qualified")
            else:
                self._convert(lead_id, owner, moment, weight, talk, more, will_win=outcome == "won")

    def _convert(
        self,
        lead_id: int,
        owner: Actor,
        at: datetime,
        weight: float,
        talk: dict[str, Any],
        more: dict[str, str],
        *,
        will_win: bool,
    ) -> None:
        dice = self.dice
        # One customer in five is a large one: together they bring most of the money.
        weight *= 3.2 if dice.chance(0.18) else 0.75
        deal = {
            "name": dice.pick(words.DEALS),
            "amount": dice.amount(weight),
            "expected_close_on": (at + timedelta(days=dice.between(10, 40))).date(),
        }
        done = convert_lead(actor=owner, lead_id=lead_id, deal=deal)
        level = "A" if weight > 3 else "B" if weight > 1 else "C"
        update_customer(actor=owner, customer_id=done.customer_id, changes={**more, "level": level})
        if talk:
            link_conversation(
                conversation_id=talk["conversation_id"],
                customer_id=done.customer_id,
                contact_id=done.contact_id,
                owner_id=owner.member_id,
            )
        if done.deal_id is not None:
            won = self._pursue(done.deal_id, done.customer_id, owner, at, will_win=will_win)
            if won:
                self.buyers.append(Buyer(done.customer_id, done.contact_id, owner, weight))

    def _pursue(self, deal_id: int, customer_id: int, owner: Actor, at: datetime, *, will_win: bool) -> bool:
        """Move a deal along until its end or until now; return whether it was won."""
        dice = self.dice
        open_stages = [stage for stage in self.stages if stage.kind == "open"][1:]
        last = next(stage for stage in self.stages if stage.kind == ("won" if will_win else "lost"))
        reached = open_stages if will_win else open_stages[: dice.between(0, len(open_stages))]
        moment = at
        for stage in [*reached, last]:
            moment = dice.after(moment, 48, 400)
            if moment > dice.now:
                return False
            with clock.at(moment):
                self._note(owner, deal_id, customer_id)
                reason = dice.pick(words.LOST) if stage.kind == "lost" else ""
                move_deal(actor=owner, deal_id=deal_id, stage_id=stage.pk, lost_reason=reason)
        return will_win

    def _note(self, owner: Actor, deal_id: int, customer_id: int) -> None:
        dice = self.dice
        kind = dice.weighted([("call", 45), ("visit", 20), ("note", 25), ("", 10)])
        if not kind:
            return
        bodies = {"call": words.CALLS, "visit": words.VISITS, "note": words.NOTES}[kind]
        record = ("deal", deal_id) if dice.chance(0.7) else ("customer", customer_id)
        log_activity(actor=owner, kind=kind, record=record, body=dice.fill(dice.pick(bodies)))

    def _come_again(self, start: datetime, days: int, season: float) -> None:
        """Let buyers buy again: the larger, the oftener, and more in season."""
        for buyer in list(self.buyers):
            if not self.dice.chance(min(0.5, 0.035 * season * buyer.weight)):
                continue
            at = self.dice.moment(start + timedelta(days=self.dice.between(0, max(0, days - 1))))
            values = {
                "name": self.dice.pick(words.DEALS),
                "amount": self.dice.amount(buyer.weight),
                "customer_id": buyer.customer_id,
                "contact_id": buyer.contact_id,
                "source": "repeat",
                "expected_close_on": (at + timedelta(days=25)).date(),
            }
            with clock.at(at):
                deal = create_deal(actor=buyer.owner, values=values)
                self._pursue(deal.pk, buyer.customer_id, buyer.owner, at, will_win=self.dice.chance(0.78))
