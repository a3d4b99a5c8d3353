"""The one place that gets access tokens: sealed, refreshed by one worker at a time, never more than once for a call."""

from datetime import timedelta
from typing import Protocol

from django.db import transaction

from bots.channels.models import AccessToken, Channel
from bots.channels.selectors import channel_secret
from guanxi.common import clock
from guanxi.secrets import SecretError, seal, unseal

FIELD = "channels.access_token.value"
# Tencent hands out the next token five minutes before the end, and honours both in between.
SPARE = timedelta(minutes=5)


class TokenIssuer(Protocol):
    """Whoever asks Tencent for a token."""

    def issue_token(self, *, secret: str, force: bool) -> tuple[str, int]:
        """Return a token and for how many seconds it is good; raise WeChatFault."""
        ...


class TokenProvider:
    """Hands out the token of one channel."""

    def __init__(self, channel: Channel, issuer: TokenIssuer) -> None:
        self._channel = channel
        self._issuer = issuer

    def current(self) -> str:
        """Return a token that is good for some minutes more."""
        row = AccessToken.objects.filter(channel_id=self._channel.pk).first()
        return self._usable(row) or self.renew(stale="")

    def renew(self, *, stale: str) -> str:
        """Return another token than `stale`, which Tencent has refused.

        Whoever comes second waits for the row and takes what the first one got. Only when Tencent itself gives the
        refused token again is it made to issue a new one, which it does twenty times a day.
        """
        with transaction.atomic():
            AccessToken.objects.get_or_create(channel_id=self._channel.pk)
            row = AccessToken.objects.select_for_update().get(channel_id=self._channel.pk)
            known = self._usable(row)
            if known and known != stale:
                return known
            secret = channel_secret(self._channel, "app_secret")
            value, seconds = self._issuer.issue_token(secret=secret, force=False)
            if value == stale:
                value, seconds = self._issuer.issue_token(secret=secret, force=True)
            now = clock.now()
            row.value = seal(value, field=FIELD, row=str(self._channel.pk))
            row.expires_at, row.refreshed_at = now + timedelta(seconds=seconds), now
            row.save()
            return value

    def forget(self) -> None:
        """Drop the token, as when the secret was replaced."""
        AccessToken.objects.filter(channel_id=self._channel.pk).delete()

    def _usable(self, row: AccessToken | None) -> str:
        if row is None or row.expires_at is None or row.expires_at - SPARE <= clock.now():
            return ""
        try:
            return unseal(row.value, field=FIELD, row=str(self._channel.pk))
        except SecretError:
            return ""
