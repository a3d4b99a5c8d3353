"""Channels' secrets under a new key."""

from django.db import transaction

from bots.channels.models import Channel
from bots.channels.selectors import SECRETS_FIELD, secret_row
from guanxi.secrets import is_current, reseal


def reseal_channels() -> int:
    """Seal the secrets of the current tenant's channels with the current key; return how many channels changed."""
    changed = 0
    with transaction.atomic():
        for channel in Channel.objects.select_for_update().order_by("pk"):
            row = secret_row(channel)
            fresh = {
                name: token if is_current(token) else reseal(token, field=f"{SECRETS_FIELD}.{name}", row=row)
                for name, token in channel.secrets.items()
            }
            if fresh != channel.secrets:
                Channel.objects.filter(pk=channel.pk).update(secrets=fresh)
                changed += 1
    return changed
