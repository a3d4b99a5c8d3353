"""Registers crm.knowledge with Django."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """The knowledge base: FAQs and articles."""

    name = "crm.knowledge"
    label = "knowledge"
