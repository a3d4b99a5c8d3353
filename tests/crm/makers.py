"""Makes what the CRM's tests need, through the services, and lets time and events go by."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from django.db import connection

from crm.conversations.models import Conversation
from crm.conversations.services import receive_message
from crm.conversations.types import ChannelRef, Inbound, Received
from crm.customers.services import know_person
from crm.customers.types import PersonKey
from crm.leads.services import capture_lead
from crm.leads.types import Capture, CapturedLead
from crm.outreach.types import OutboundMessage, Receipt, SendFault, WindowRule
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from guanxi.timers import run_due

T = TypeVar("T")
_numbers = count(1)
CHANNEL_ID = 77


def at_once(ref: TenantRef, *works: Callable[[], T]) -> list[T | Exception]:
    """Run all of these at the same moment, each in a thread and a connection of its own; return what came of each."""
    results: list[Any] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], T]) -> None:
        try:
            with tenant_scope(ref):
                ready.wait(20)
                results[place] = work()
        except Exception as fault:
            results[place] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def identity_of(name: str = "") -> int:
    """Return the id of a person known by a phone-less identity."""
    return know_person(key=PersonKey("web_visitor", name or f"visitor-{next(_numbers)}", display_name=name)).pk


def captured(**values: Any) -> Capture:
    """Let the assistant capture a lead."""
    return capture_lead(actor=Actor.assistant(), captured=CapturedLead(**{"source": "web", **values}))


def written(text: str = "在吗", *, who: str = "", key: str = "", kind: str = "web", opens: str = "message") -> Received:
    """Let a customer write over a channel."""
    number = next(_numbers)
    name = who or f"visitor-{number}"
    return receive_message(
        inbound=Inbound(
            channel=ChannelRef(CHANNEL_ID, kind),
            sender=PersonKey("web_visitor", name, display_name=name),
            dedupe_key=key or f"key-{number}",
            kind="text",
            text=text,
            sent_at=clock.now(),
            opens=opens,
        )
    )


def talk(received: Received) -> Conversation:
    """Return the conversation of a message as it stands."""
    return Conversation.objects.get(pk=received.conversation_id)


def go_by(moment: datetime) -> None:
    """Let everything happen that is due at a moment: timers and the events that they tell."""
    with clock.at(moment), public_scope():
        run_due()
        drain(dispatch_event)


def settle() -> None:
    """Let every recorded event be told."""
    with public_scope():
        drain(dispatch_event)


class Line:
    """A channel's sender that keeps what went out, limits it as told, and fails as told."""

    def __init__(self, kind: str, windows: dict[str, WindowRule] | None = None) -> None:
        self.kind, self.windows = kind, windows or {}
        self.out: list[OutboundMessage] = []
        self.faults: list[SendFault] = []
        self.before: Callable[[], None] | None = None

    def send(self, *, channel_id: int, identity_id: int, message: OutboundMessage) -> Receipt:
        """Keep the message, or fail with the next fault."""
        if self.before is not None:
            self.before()
        if self.faults:
            raise self.faults.pop(0)
        self.out.append(message)
        return Receipt(external_id=str(message.message_id))


@contextmanager
def line(kind: str = "test", windows: dict[str, WindowRule] | None = None) -> Iterator[Line]:
    """Register a line for the block."""
    from crm.outreach.selectors import _senders

    before = _senders.get(kind)
    made = Line(kind, windows)
    _senders[kind] = made
    try:
        yield made
    finally:
        if before is None:
            del _senders[kind]
        else:
            _senders[kind] = before


SHORT = {"message": WindowRule(count=3, lasts=timedelta(hours=48), bot_count=2)}
