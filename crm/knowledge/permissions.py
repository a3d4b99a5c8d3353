"""Permissions of the knowledge base. It belongs to the whole company, so a grant holds at any scope."""

from guanxi.access import register_permissions

register_permissions("faq", ["read", "create", "update", "publish", "archive"])
register_permissions("article", ["read", "create", "update", "publish", "archive"])
register_permissions("knowledge", ["import", "answer_gap"])
