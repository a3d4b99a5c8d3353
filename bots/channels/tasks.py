"""What workers do for channels."""

from typing import Any

from celery import shared_task

from bots.channels.selectors import access_channel
from guanxi.access import Actor
from guanxi.common.errors import NotFound
from guanxi.jobs.base import TenantTask


@shared_task(base=TenantTask, bind=True, name="bots.channels.fetch_media", max_retries=20)
def fetch_media(self: Any, channel_id: int, message_id: int, media_id: str) -> None:
    """Fetch a picture or a voice while WeChat still has it; try again when that can help."""
    from bots.channels.wechat.media import keep_media

    try:
        channel = access_channel(Actor.system("media of a message"), channel_id)
    except NotFound:
        return
    again = keep_media(channel=channel, message_id=message_id, media_id=media_id)
    if again is not None:
        raise self.retry(countdown=again)
