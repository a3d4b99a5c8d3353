"""Registers crm.knowledge with Django."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """The knowledge base: FAQs and articles."""

    name = "crm.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Register permissions, the job and the record kinds, and how one sees that five FAQs are there."""
        from crm.knowledge import jobs, permissions  # noqa: F401
        from crm.knowledge.models import Article, Faq
        from crm.knowledge.selectors import find_articles, find_faqs, visible_articles, visible_faqs
        from crm.records.registry import RecordKind, register_kind
        from tenants.members.services import register_first_hour_check

        register_first_hour_check("write_faqs", lambda: Faq.objects.exclude(state="archived")[:5].count() == 5)

        register_kind(
            RecordKind(
                kind="faq",
                model=Faq,
                visible=visible_faqs,
                title=lambda faq: faq.question,
                subtitle=lambda faq: faq.answer[:80],
                search=lambda actor, text: find_faqs(actor, {"q": text}).order_by("-use_count", "-id"),
            )
        )
        register_kind(
            RecordKind(
                kind="article",
                model=Article,
                visible=visible_articles,
                title=lambda article: article.title,
                search=lambda actor, text: find_articles(actor, {"q": text}).order_by("-updated_at", "-id"),
            )
        )
