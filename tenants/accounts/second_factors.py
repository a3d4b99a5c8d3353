"""Second factors at rest: which values of an authenticator are sealed, and how they come under a new key."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from guanxi.secrets import is_current, reseal, seal, unseal

FIELD = "accounts.second_factor"
# allauth encrypts before the row has an id; tenant and field are what a value is bound to.
ROW = ""


def seal_factor(text: str) -> str:
    """Seal a TOTP secret or the seed of recovery codes for this tenant."""
    return seal(text, field=FIELD, row=ROW)


def open_factor(token: str) -> str:
    """Open what `seal_factor` sealed; of another tenant it is an error."""
    return unseal(token, field=FIELD, row=ROW)


def reseal_factors() -> int:
    """Seal the second factors of the current tenant with the current key; return how many authenticators changed."""
    changed = 0
    with transaction.atomic():
        for row in Authenticator.objects.select_for_update().order_by("pk"):
            data = {name: _resealed(value) for name, value in row.data.items()}
            if data != row.data:
                Authenticator.objects.filter(pk=row.pk).update(data=data)
                changed += 1
    return changed


def _resealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_resealed(item) for item in value]
    sealed = isinstance(value, str) and value.startswith("v1.")
    return reseal(value, field=FIELD, row=ROW) if sealed and not is_current(value) else value
