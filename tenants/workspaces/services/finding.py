"""Mails somebody the workspaces in which he works."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from guanxi.common.errors import Invalid
from guanxi.notifications import send_mail
from guanxi.secrets import seal, unseal
from guanxi.tenancy import public_scope
from guanxi.timers import defer, on_due, payload_of, reseal_deferred
from tenants.workspaces.addresses import base_url
from tenants.workspaces.selectors import find_workspaces_of_email

WAITING = "workspaces.find_by_email"
SEALED_FIELD = "workspaces.find.email"


def ask_for_workspaces(*, email: str, locale: str) -> None:
    """Let the workspaces of an address be mailed to it.

    The search comes later, so that the time it takes tells nothing.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as fault:
        raise Invalid("invalid_email", "This is no e-mail address.", fields={"email": "format"}) from fault
    with public_scope():
        defer(WAITING, {"email": seal(address, field=SEALED_FIELD, row=""), "locale": locale})


def reseal_askers() -> int:
    """Bring the addresses that wait for their answer under the current key; return how many."""
    return reseal_deferred(WAITING, "email", field=SEALED_FIELD)


@on_due(WAITING)
def mail_workspaces(ref_id: int) -> None:
    """Send the mail; an address that works nowhere gets none."""
    kept = payload_of(WAITING, ref_id)
    if kept is None:
        return
    email = unseal(kept["email"], field=SEALED_FIELD, row="")
    found = find_workspaces_of_email(email)
    if found:
        workspaces = [{"name": card.name, "url": card.url} for card in found]
        send_mail(
            "workspaces/found",
            to=email,
            locale=kept["locale"],
            context={"workspaces": workspaces, "base_url": base_url()},
        )
