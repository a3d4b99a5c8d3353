"""What a visitor's pages hear when the talk changes."""

from contextlib import suppress

from bots.channels.web.live import tell_message, tell_talk
from crm.conversations import events
from guanxi.common.errors import NotFound
from guanxi.events.registry import subscribe
from guanxi.events.types import Event


@subscribe(events.MESSAGE_RECEIVED, name="web_channel.own_message")
def show_in_other_tabs(event: Event) -> None:
    """Show the visitor's own message in the other pages that the same browser has open."""
    with suppress(NotFound):  # taken off meanwhile: nobody listens any more
        tell_message(event.data["message_id"])


@subscribe(events.CONVERSATION_STATE, events.CONVERSATION_ASSIGNED, name="web_channel.talk")
def show_who_has_the_word(event: Event) -> None:
    """Show who speaks now."""
    tell_talk(event.aggregate_id)
