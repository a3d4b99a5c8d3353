"""What a web channel keeps, how far connecting it is, and what its owner copies into the site."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.conf import settings

from bots.channels.models import Channel
from bots.channels.types import CleanSettings, Step, StepState
from bots.channels.web.types import KEY_PREFIX, KIND, ROUTE_KIND, WebSettings, clean_settings
from guanxi.common.ids import new_token


class WebKind:
    """The kind of channel that is a chat on a site."""

    kind = KIND
    route_kind = ROUTE_KIND
    secret_names: tuple[str, ...] = ()
    setting_names = frozenset(each.name for each in fields(WebSettings))

    def clean(self, values: Mapping[str, Any], channel: Channel | None) -> CleanSettings:
        """Return what is kept; a new channel gets a key of its own, a known one keeps its key and what is not given."""
        key = channel.key if channel is not None else new_token(KEY_PREFIX, 15)
        before = channel.settings if channel is not None else {}
        return CleanSettings(key=key, settings=clean_settings({**before, **values}).as_json())

    def steps(self, channel: Channel) -> list[Step]:
        """Return how far connecting is: embedded once somebody has written from a page."""
        kept = clean_settings(channel.settings)
        embedded = StepState.DONE if channel.last_inbound_at else StepState.WAITING
        sites = Step("sites", StepState.DONE, "" if kept.allowed_origins else "any_site")
        return [Step("created", StepState.DONE), sites, Step("embedded", embedded)]

    def check(self, channel: Channel) -> list[Step]:
        """Return the steps; nothing outside needs to be asked."""
        return self.steps(channel)

    def connection(self, channel: Channel) -> dict[str, str]:
        """Return the script's address, the key and the tag to copy."""
        script = f"{settings.GUANXI_BASE_URL.rstrip('/')}/widget.js"
        tag = f'<script src="{script}" data-key="{channel.key}" async></script>'
        page = f"{settings.GUANXI_BASE_URL.rstrip('/')}/widget/{channel.key}"
        return {"script_url": script, "key": channel.key, "tag": tag, "page_url": page}
