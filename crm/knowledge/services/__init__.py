"""Writes the knowledge base."""

from crm.knowledge.services.articles import create_article, set_article_state, update_article
from crm.knowledge.services.faqs import add_similar, create_faq, note_faq_used, rate_faq, set_faq_states, update_faq
from crm.knowledge.services.gaps import answer_gap_with_faq, answer_gap_with_new_faq, dismiss_gap, record_unanswered
from crm.knowledge.services.imports import import_rows, preview_import, start_import

__all__ = [
    "add_similar",
    "answer_gap_with_faq",
    "answer_gap_with_new_faq",
    "create_article",
    "create_faq",
    "dismiss_gap",
    "import_rows",
    "note_faq_used",
    "preview_import",
    "rate_faq",
    "record_unanswered",
    "set_article_state",
    "set_faq_states",
    "start_import",
    "update_article",
    "update_faq",
]
