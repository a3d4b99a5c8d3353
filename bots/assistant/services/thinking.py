"""From a question to a plan: retrieval, and a model where the tenant has one. Nothing is written here."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources

from bots.assistant.dialogue import Sight, hand_over, plan_reply, refuse, with_ask
from bots.assistant.guard import StreamGuard, trustworthy
from bots.assistant.models import AssistantSettings
from bots.assistant.services.settings import model_settings, rules_of, thresholds_with_caution
from bots.assistant.store import Shelf, tenant_shelf
from bots.assistant.types import (
    Action,
    HandoverReason,
    Incoming,
    Memory,
    ModelAction,
    Person,
    Plan,
    Quote,
    TokenSink,
    Turn,
)
from bots.assistant.wording import sentence
from bots.llm.chat import ask_model, retrieve_passages
from bots.llm.embeddings import local_embedder
from bots.llm.types import ModelReply, ModelSettings, ModelUnavailable, Passage, Prompt
from bots.retrieval.decide import decide
from bots.retrieval.types import Decision, Embedder, Entry, Verdict
from guanxi.tenancy import require_tenant

logger = logging.getLogger(__name__)
QUOTES = 4
SEARCH_DEPTH = 8
_TONES = {
    AssistantSettings.Tone.FRIENDLY: "Be warm and natural, as in a chat.",
    AssistantSettings.Tone.FORMAL: "Be polite and formal.",
    AssistantSettings.Tone.CONCISE: "Be as brief as possible.",
}
_LANGUAGES = {"zh": "Simplified Chinese", "en": "English"}


class Mind:
    """One tenant's assistant at one moment: its settings, its knowledge, its model."""

    def __init__(self, row: AssistantSettings, *, with_model: bool = True) -> None:
        self.row = row
        self.model: ModelSettings | None = model_settings(row)
        self.rules = rules_of(row, self.model if with_model else None)
        self._shelf: Shelf | None = None
        self.embedder: Embedder | None = None

    @property
    def shelf(self) -> Shelf:
        """The index, fetched at the first question that needs it."""
        if self._shelf is None:
            self._shelf = tenant_shelf(self.row)
            self.embedder = local_embedder() if self._shelf.index.model_id else None
        return self._shelf

    def search(self, text: str) -> Decision:
        """Return what retrieval decides about a question."""
        shelf = self.shelf
        found = shelf.index.search(text, embedder=self.embedder, limit=SEARCH_DEPTH)
        decision = decide(found, thresholds_with_caution(shelf.thresholds, self.row))
        # A model may quote what is too far away for a menu.
        return decision if decision.hits else replace(decision, hits=found.hits[:QUOTES])

    def sight(self, person: Person) -> Sight:
        """What a decision may look at."""
        return Sight(search=self.search, entry_of=self.entry_of, person=person, rules=self.rules)

    def entry_of(self, key: str) -> Entry | None:
        """Return a published entry by its key."""
        return self.shelf.by_key.get(key)

    def plan(self, incoming: Incoming, memory: Memory, person: Person) -> Plan:
        """Decide about a message, without a model."""
        return plan_reply(incoming, memory, self.sight(person))


def think_with_model(
    mind: Mind,
    plan: Plan,
    incoming: Incoming,
    person: Person,
    history: Sequence[Turn],
    *,
    on_token: TokenSink | None = None,
) -> Plan:
    """Turn a plan to ask the model into what is done: its checked answer, else what retrieval alone would have said."""
    if plan.action is not Action.ASK_MODEL or mind.model is None:
        return plan
    quotes = _quotes(mind, incoming.text)
    if not quotes:
        return _without_model(mind, plan, incoming)
    prompt = _prompt(mind, plan, incoming, quotes, history)
    guarded = StreamGuard(on_token, quotes, incoming.text) if on_token is not None else None
    try:
        reply = ask_model(mind.model, prompt, tenant=require_tenant().schema, on_token=guarded)
    except ModelUnavailable:
        return _without_model(mind, plan, incoming, failed=True)
    if guarded is not None:
        guarded.finish()
    return _checked(mind, plan, incoming, person, quotes, reply)


def _quotes(mind: Mind, text: str) -> list[Quote]:
    found = mind.shelf.index.search(text, embedder=mind.embedder, limit=QUOTES)
    passages = [Passage(hit.entry.key, hit.entry.question, hit.entry.answer) for hit in found.hits]
    return [Quote(each.id, each.title, each.text) for each in retrieve_passages(lambda _: passages, text)]


def _prompt(mind: Mind, plan: Plan, incoming: Incoming, quotes: Sequence[Quote], history: Sequence[Turn]) -> Prompt:
    template = resources.files("bots.assistant").joinpath("words", "prompt.txt").read_text("utf-8")
    instructions = template.format(
        name=mind.row.name or "the AI assistant",
        tone=_TONES[AssistantSettings.Tone(mind.row.tone)],
        language=_LANGUAGES.get(plan.memory.language, "the customer's language"),
    )
    passages = [Passage(quote.id, quote.title, quote.text) for quote in quotes]
    return Prompt(instructions, incoming.text, passages, [(turn.by_customer, turn.text) for turn in history])


def _checked(
    mind: Mind, plan: Plan, incoming: Incoming, person: Person, quotes: Sequence[Quote], reply: ModelReply
) -> Plan:
    language = plan.memory.language
    if reply.action == ModelAction.REFUSE:
        return _without_model(mind, plan, incoming)
    if reply.action != ModelAction.ANSWER:
        return hand_over(plan.memory, language, mind.rules, HandoverReason.MODEL_DECISION, capture=plan.capture)
    if not trustworthy(reply.answer, reply.cited_ids, quotes, incoming.text):
        logger.warning("a generated answer was dropped: it does not rest on what it cites")
        return _without_model(mind, plan, incoming, failed=True)
    cited = tuple(
        hit
        for hit in mind.shelf.index.search(incoming.text, embedder=mind.embedder, limit=QUOTES).hits
        if hit.entry.key in reply.cited_ids
    )
    memory = replace(plan.memory, refusals=0, menu=())
    answered = replace(plan, action=Action.GENERATED, text=reply.answer, generated=True, hits=cited, memory=memory)
    if plan.capture is not None:
        thanks = " ".join(sentence(key, language, mind.rules.sentences) for key in ("captured", "captured_consent"))
        return replace(
            answered, text=f"{reply.answer}\n\n{thanks}", memory=replace(memory, captured=True, asked_for="")
        )
    return with_ask(answered, language, mind.sight(person))


def _without_model(mind: Mind, plan: Plan, incoming: Incoming, *, failed: bool = False) -> Plan:
    """What retrieval alone says: the menu, else the refusal; where the model failed and there is no menu, people."""
    decision = mind.search(incoming.text)
    if decision.verdict is Verdict.NONE:
        if failed:
            reason = HandoverReason.MODEL_FAILURE
            return replace(
                hand_over(plan.memory, plan.memory.language, mind.rules, reason, capture=plan.capture), unanswered=True
            )
        return refuse(plan.memory, plan.memory.language, mind.rules, decision, capture=plan.capture)
    alone = replace(mind.sight(Person()), rules=replace(mind.rules, model_ready=False), search=lambda _: decision)
    return plan_reply(incoming, replace(plan.memory, last_question=""), alone)
