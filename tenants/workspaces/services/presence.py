"""Which address works in which workspace, so that "find my workspace" need not visit them all.

Only keyed digests are kept.
"""

import hashlib
import hmac

from django.conf import settings

from guanxi.tenancy import public_scope, require_tenant
from tenants.workspaces.models import EmailPresence


def email_digest(email: str) -> str:
    """Return what an address is kept as; without the key nobody can try addresses against it."""
    return hmac.new(
        settings.SECRET_KEY.encode(), b"email-presence:" + email.strip().lower().encode(), hashlib.sha256
    ).hexdigest()


def note_email(email: str) -> None:
    """Remember that somebody with this address works in the current workspace."""
    tenant = require_tenant()
    with public_scope():
        EmailPresence.objects.bulk_create(
            [EmailPresence(digest=email_digest(email), workspace_id=tenant.id)], ignore_conflicts=True
        )


def forget_email(email: str) -> None:
    """Forget it again."""
    tenant = require_tenant()
    with public_scope():
        EmailPresence.objects.filter(digest=email_digest(email), workspace_id=tenant.id).delete()
