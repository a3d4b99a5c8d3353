"""The mails about an account, in the reader's language."""

from typing import Any

from guanxi.notifications import send_mail
from guanxi.tenancy import require_tenant
from tenants.accounts.models import User
from tenants.workspaces.selectors import current_workspace, workspace_url

# allauth's names → our templates. What is left are notices that something about the account has changed.
TEMPLATES = {
    "email_confirmation": "accounts/verify_email",
    "email_confirmation_signup": "accounts/verify_email",
    "password_reset_key": "accounts/reset_password",
}
NOTICE = "accounts/security_notice"
LINKS = {"activate_url": "url", "password_reset_url": "url"}


def send_account_mail(kind: str, *, to: str, user: User | None, context: dict[str, Any]) -> None:
    """Send the mail that allauth calls `kind`; only plain values go into it."""
    values: dict[str, Any] = {ours: context[theirs] for theirs, ours in LINKS.items() if theirs in context}
    values |= {
        "kind": kind,
        "name": user.get_full_name() if user else "",
        "workspace": current_workspace().name,
        "workspace_url": workspace_url(require_tenant().slug),
        "ip": context.get("ip", ""),
    }
    send_mail(TEMPLATES.get(kind, NOTICE), to=to, locale=user.locale if user else "zh-CN", context=values)
