"""Single-use tokens that carry a new owner from the base host into the workspace."""

from datetime import timedelta

from guanxi.common import clock
from guanxi.common.ids import digest, new_token
from guanxi.tenancy import public_scope, require_tenant
from tenants.workspaces.addresses import workspace_url
from tenants.workspaces.models import HandOver, SignUp, Workspace

LIFETIME = timedelta(minutes=2)


def issue_hand_over(*, workspace: Workspace, user_id: int, sign_up: SignUp | None = None) -> str:
    """Return an address in the workspace that signs the user in once, within two minutes."""
    token = new_token(nbytes=32)
    HandOver.objects.create(
        token_digest=digest(token),
        workspace=workspace,
        sign_up=sign_up,
        user_id=user_id,
        expires_at=clock.now() + LIFETIME,
    )
    return workspace_url(workspace.slug, f"/hand-over/{token}")


def take_hand_over(token: str) -> int | None:
    """Use a token up in the current workspace.

    Return the user's id, None when it is unknown, used, late or of another workspace.
    """
    tenant, now = require_tenant(), clock.now()
    with public_scope():
        mine = HandOver.objects.filter(
            token_digest=digest(token), workspace_id=tenant.id, expires_at__gt=now, used_at__isnull=True
        )
        # One conditional update: of two who come with the same token, one changes a row.
        if not mine.update(used_at=now):
            return None
        return HandOver.objects.values_list("user_id", flat=True).get(token_digest=digest(token))
