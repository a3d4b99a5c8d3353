"""Proposes other ways to ask a question: what customers really asked first, then other words for the same."""

import re

from bots.assistant.services.settings import settings_row
from bots.assistant.services.thinking import Mind
from bots.retrieval.concepts import synonyms_in
from bots.retrieval.normalise import exact_key, fold
from crm.knowledge.selectors import access_faq, gaps_near
from guanxi.access import Actor, require

MOST = 10
PER_WORD = 3


def suggest_similar(*, actor: Actor, faq_id: int) -> list[dict[str, object]]:
    """Return proposals as {"text", "source", "gap_id"}; none that the knowledge base has already."""
    require(actor, "faq.update")
    faq = access_faq(actor, faq_id)
    known = {exact_key(text) for text in (faq.question, *faq.similar)}
    proposals: list[dict[str, object]] = []
    for gap in gaps_near(faq_id):
        if exact_key(gap.question) not in known:
            known.add(exact_key(gap.question))
            proposals.append({"text": gap.question, "source": "asked", "gap_id": gap.pk})
    shelf = Mind(settings_row()).shelf
    taken = {exact_key(text) for entry in shelf.index.entries for text in entry.phrasings}
    for text in _reworded(faq.question):
        if exact_key(text) not in known | taken:
            known.add(exact_key(text))
            proposals.append({"text": text, "source": "reworded", "gap_id": None})
    return proposals[:MOST]


def _reworded(question: str) -> list[str]:
    """The question with one word at a time replaced by others for the same thing."""
    found = (
        re.sub(re.escape(word), other, question, count=1, flags=re.IGNORECASE)
        for word, others in synonyms_in(fold(question)).items()
        for other in others[:PER_WORD]
    )
    return [text for text in found if text != question]
