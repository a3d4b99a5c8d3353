"""Password reset tokens that only the tenant can use that gave them."""

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

from guanxi.tenancy import require_tenant


class TenantTokenGenerator(EmailAwarePasswordResetTokenGenerator):
    """Binds a token to the tenant: ids, addresses and copied password hashes can be the same in two of them."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{require_tenant().schema}|{super()._make_hash_value(user, timestamp)}"
