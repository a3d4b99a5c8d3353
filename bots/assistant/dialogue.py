"""Decides: from a message, what is remembered and what was found, to a plan. No database, no model, no clock."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bots.assistant.extraction import Slots, extract_slots, without_contacts
from bots.assistant.intents import Intent, intents_of
from bots.assistant.types import Action, HandoverReason, Incoming, Memory, Person, Plan, Rules
from bots.assistant.wording import handover_sentence, sentence
from bots.retrieval.normalise import exact_key, language_of
from bots.retrieval.types import Decision, Entry, Hit, Verdict

READABLE = frozenset({"text", "voice", "location", "link", "contact", "menu"})
REFUSALS_BEFORE_HANDOVER = 2
MAX_NEED = 300
MENU_QUESTION = 60


@dataclass(frozen=True, slots=True)
class Sight:
    """What a decision may look at; `search` is asked at most once, and only when the words themselves do not decide."""

    search: Callable[[str], Decision]
    entry_of: Callable[[str], Entry | None]
    person: Person
    rules: Rules


@dataclass(frozen=True, slots=True)
class _Turn:
    incoming: Incoming
    memory: Memory
    intents: frozenset[Intent]
    told: Slots
    sight: Sight

    @property
    def language(self) -> str:
        return self.memory.language or "zh"

    def say(self, key: str) -> str:
        return sentence(key, self.language, self.sight.rules.sentences)


def plan_reply(incoming: Incoming, memory: Memory, sight: Sight) -> Plan:
    """Decide about one message.

    The reasons to hand over are looked for in a fixed order; help comes before any question of ours.
    """
    intents = intents_of(incoming.text) if incoming.text else frozenset()
    told = _told(incoming)
    memory = replace(memory, language=language_of(incoming.text) or memory.language, slots=memory.slots.merged(told))
    turn = _Turn(incoming, memory, intents, told, sight)
    for step in (_event, _asked_for_person, _unreadable, _chosen, _contact_left, _courtesy):
        plan = step(turn)
        if plan is not None:
            return plan
    return _question(turn)


def _told(incoming: Incoming) -> Slots:
    told = extract_slots(incoming.text) if incoming.text else Slots()
    form = {name: value for name, value in incoming.contact.items() if value and name in Slots.__dataclass_fields__}
    return told.merged(Slots(**form))


def _event(turn: _Turn) -> Plan | None:
    if turn.incoming.kind != "event":
        return None
    if turn.incoming.event == "subscribe":
        return Plan(Action.GREETED, turn.memory, text=turn.say("greeting"))
    return Plan(Action.SILENT, turn.memory)


def _asked_for_person(turn: _Turn) -> Plan | None:
    if Intent.PERSON in turn.intents:
        return _hand_over(turn, HandoverReason.ASKED)
    if Intent.COMPLAINT in turn.intents:
        return _hand_over(turn, HandoverReason.COMPLAINT)
    return None


def _unreadable(turn: _Turn) -> Plan | None:
    if turn.incoming.kind in READABLE and turn.incoming.text.strip():
        return None
    return _hand_over(turn, HandoverReason.UNSUPPORTED_MEDIA)


def _chosen(turn: _Turn) -> Plan | None:
    """A tapped or numbered item of the menu that was offered."""
    key = turn.incoming.choice
    typed = turn.incoming.text.strip().strip("。.、)）")
    if not key and typed.isdecimal() and len(typed) == 1 and 1 <= int(typed) <= len(turn.memory.menu):
        key = turn.memory.menu[int(typed) - 1]
    entry = turn.sight.entry_of(key) if key else None
    if entry is None:
        return None
    chosen = Decision(Verdict.DIRECT, 1.0, (Hit(entry, 0.0, 0.0, 0.0),))
    return _answered(turn, Action.DIRECT, entry.answer, chosen)


def _contact_left(turn: _Turn) -> Plan | None:
    """A way to reach the customer: keep it; when nothing else was asked, say thank you."""
    if not turn.told.reachable or not turn.sight.rules.capture_leads:
        return None
    if _asks_besides(turn):
        return None
    memory = replace(turn.memory, captured=True, asked_for="", refusals=0)
    said = (
        f"{turn.say('captured')}\n{turn.say('captured_consent')}" if not turn.memory.asked_for else turn.say("captured")
    )
    if turn.memory.buying and turn.sight.rules.hand_over_buyers:
        said = f"{said}\n{handover_sentence(HandoverReason.BUYING_INTENT, turn.language, turn.sight.rules.sentences)}"
        return Plan(Action.CAPTURED, memory, text=said, capture=memory.slots, reason=HandoverReason.BUYING_INTENT)
    return Plan(Action.CAPTURED, memory, text=said, capture=memory.slots)


def _asks_besides(turn: _Turn) -> bool:
    """Whether the message asks something besides leaving a contact."""
    text = turn.incoming.text
    return turn.incoming.kind != "contact" and ("?" in text or "？" in text or any(word in text for word in _ASKING))


_ASKING = (
    "吗",
    "多少",
    "怎么",
    "什么",
    "哪",
    "几",
    "能不能",
    "可不可以",
    "可以",
    "有没有",
    "咋",
    "啥",
    "how",
    "what",
    "when",
    "where",
    "can you",
    "do you",
    "which",
    "price",
)


def _courtesy(turn: _Turn) -> Plan | None:
    if turn.memory.asked_for and Intent.CONTACT_REFUSED in turn.intents:
        memory = replace(turn.memory, contact_refused=True, asked_for="")
        return Plan(Action.THANKED, memory, text=turn.say("refused_contact"))
    if Intent.HELLO in turn.intents:
        return Plan(Action.GREETED, turn.memory, text=turn.say("greeting"))
    if Intent.THANKS in turn.intents:
        return Plan(Action.THANKED, turn.memory, text=turn.say("thanks"))
    return None


def _question(turn: _Turn) -> Plan:
    key = exact_key(turn.incoming.text)
    repeats = turn.memory.repeats + 1 if key and key == turn.memory.last_question else 0
    turn = replace(turn, memory=replace(turn.memory, last_question=key, repeats=repeats))
    if repeats:
        return _hand_over(turn, HandoverReason.REPEATED_QUESTION)
    if Intent.NEGATIVE in turn.intents:
        return _hand_over(turn, HandoverReason.NEGATIVE_FEEDBACK)
    decision = turn.sight.search(without_contacts(turn.incoming.text) if turn.told.reachable else turn.incoming.text)
    direct = decision.verdict is Verdict.DIRECT
    if Intent.BUYING in turn.intents:
        return _buying(turn, decision)
    if direct:
        return _answered(turn, Action.DIRECT, decision.hits[0].entry.answer, decision)
    personal = _personal_owner(turn)
    if personal is not None:
        return _hand_over(turn, personal, decision)
    if turn.sight.rules.model_ready:
        return Plan(
            Action.ASK_MODEL, turn.memory, hits=decision.hits, confidence=decision.confidence, capture=_capture(turn)
        )
    if decision.verdict is Verdict.MENU:
        return _menu(turn, decision)
    return refuse(turn.memory, turn.language, turn.sight.rules, decision, capture=_capture(turn))


def _personal_owner(turn: _Turn) -> HandoverReason | None:
    if turn.sight.person.owner_id is None:
        return None
    if turn.sight.person.vip:
        return HandoverReason.VIP
    return HandoverReason.OPEN_DEAL if turn.sight.person.open_deal else None


def _buying(turn: _Turn, decision: Decision) -> Plan:
    """Somebody wants to buy: help if the answer is there, ask how to reach them, and let sales take over."""
    slots = turn.memory.slots
    need = _grown(slots.need, turn.incoming.text)
    turn = replace(turn, memory=replace(turn.memory, buying=True, slots=replace(slots, need=need)))
    answer = decision.hits[0].entry.answer if decision.verdict is Verdict.DIRECT else ""
    reachable = turn.memory.slots.reachable or turn.sight.person.reachable
    ask = (
        turn.sight.rules.capture_leads
        and not reachable
        and not turn.memory.contact_refused
        and turn.memory.asks < turn.sight.rules.max_asks
    )
    if ask:
        plan = _answered(turn, Action.DIRECT if answer else Action.CAPTURED, answer or turn.say("noted"), decision)
        return replace(plan, capture=turn.memory.slots)
    if not turn.sight.rules.hand_over_buyers and answer:
        return _answered(turn, Action.DIRECT, answer, decision)
    plan = _hand_over(turn, HandoverReason.BUYING_INTENT, decision)
    said = f"{answer}\n\n{plan.text}" if answer else plan.text
    return replace(plan, text=said, capture=turn.memory.slots if turn.sight.rules.capture_leads else None)


def _grown(need: str, text: str) -> str:
    said = " ".join(text.split())
    return said[:MAX_NEED] if not need else need if said in need else f"{need}；{said}"[:MAX_NEED]


def _capture(turn: _Turn) -> Slots | None:
    """What is worth keeping as a lead: a contact told in passing."""
    return turn.memory.slots if turn.told.reachable and turn.sight.rules.capture_leads else None


def _answered(turn: _Turn, action: Action, text: str, decision: Decision) -> Plan:
    memory = replace(turn.memory, refusals=0, menu=())
    capture = _capture(turn)
    plan = Plan(action, memory, text=text, confidence=decision.confidence, hits=decision.hits[:1], capture=capture)
    if capture is not None:
        thanks = f"{turn.say('captured')} {turn.say('captured_consent')}"
        return replace(
            plan, text=f"{text}\n\n{thanks}" if text else thanks, memory=replace(memory, captured=True, asked_for="")
        )
    return with_ask(plan, turn.language, turn.sight)


def with_ask(plan: Plan, language: str, sight: Sight) -> Plan:
    """Add the one question of this turn: after help, of somebody who wants to buy, at most as often as allowed."""
    memory = plan.memory
    wanted = (
        memory.buying
        and sight.rules.capture_leads
        and not memory.contact_refused
        and memory.asks < sight.rules.max_asks
    )
    if not wanted or memory.slots.reachable or sight.person.reachable:
        return replace(plan, memory=replace(memory, asked_for=""))
    own = sight.rules.sentences
    key = "ask.contact" if memory.asks == 0 else "ask.contact_again"
    question = f"{sentence(key, language, own)}{sentence('ask.consent', language, own)}"
    text = f"{plan.text}\n\n{question}" if plan.text else question
    return replace(
        plan, text=text, asks_contact=True, memory=replace(memory, asks=memory.asks + 1, asked_for="contact")
    )


def _menu(turn: _Turn, decision: Decision) -> Plan:
    keys = tuple(hit.entry.key for hit in decision.hits)
    items = tuple((hit.entry.key, hit.entry.question[:MENU_QUESTION]) for hit in decision.hits)
    memory = replace(turn.memory, menu=keys, refusals=0, asked_for="")
    return Plan(
        Action.MENU,
        memory,
        text=turn.say("menu_head"),
        tail=turn.say("menu_foot"),
        items=items,
        hits=decision.hits,
        confidence=decision.confidence,
        capture=_capture(turn),
        unanswered=True,
    )


def refuse(memory: Memory, language: str, rules: Rules, decision: Decision, *, capture: Slots | None = None) -> Plan:
    """Say honestly that nothing fits; the second time in a row people take over."""
    memory = replace(memory, refusals=memory.refusals + 1, menu=(), asked_for="")
    plan = Plan(
        Action.REFUSED, memory, hits=decision.hits, confidence=decision.confidence, capture=capture, unanswered=True
    )
    if memory.refusals >= REFUSALS_BEFORE_HANDOVER:
        reason = HandoverReason.TWO_REFUSALS
        return replace(
            plan, action=Action.HANDED_OVER, reason=reason, text=handover_sentence(reason, language, rules.sentences)
        )
    return replace(plan, text=sentence("refusal", language, rules.sentences))


def hand_over(
    memory: Memory, language: str, rules: Rules, reason: HandoverReason, *, capture: Slots | None = None
) -> Plan:
    """Let people take over, with the reason."""
    text = handover_sentence(reason, language, rules.sentences)
    return Plan(Action.HANDED_OVER, memory, text=text, reason=reason, capture=capture)


def _hand_over(turn: _Turn, reason: HandoverReason, decision: Decision | None = None) -> Plan:
    plan = hand_over(turn.memory, turn.language, turn.sight.rules, reason, capture=_capture(turn))
    return replace(plan, confidence=decision.confidence, hits=decision.hits) if decision is not None else plan
