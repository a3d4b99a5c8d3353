"""The mail that invites."""

from guanxi.notifications import send_mail
from tenants.workspaces.selectors import current_workspace


def send_invitation_mail(*, to: str, locale: str, name: str, inviter: str, url: str) -> None:
    """Send an invitation in the language that the inviter chose."""
    context = {"name": name, "inviter": inviter, "workspace": current_workspace().name, "url": url}
    send_mail("members/invitation", to=to, locale=locale, context=context)
