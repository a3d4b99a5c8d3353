"""One member's socket as the hub sees it: which event it was told last, and what it may hear."""

from guanxi.access import Actor
from guanxi.realtime.audiences import admits
from guanxi.realtime.messages import LiveMessage, frame
from guanxi.realtime.outbox import Outbox

MAX_WATCHED = 100


class MemberSocket:
    """Keeps a socket gap-free: every number up to `seq` was sent to it, as an event or as a number that it may not
    see the event of.
    """

    def __init__(self, member_id: int, actor: Actor, outbox: Outbox) -> None:
        self.member_id = member_id
        self.actor = actor
        self.outbox = outbox
        self.seq = 0
        self.live = False
        # Set when the member's rights have changed; the consumer reads them anew.
        self.stale = False
        self._unsaid = False
        self._watched: set[str] | None = None

    def offer(self, message: LiveMessage) -> None:
        """Take the next event: send it, or pass over it silently."""
        if message.seq <= self.seq:
            return
        if admits(self.actor, message.audience):
            self.say_seq()
            self.outbox.put(message.text)
        else:
            self._unsaid = True
        self.seq = message.seq

    def say_seq(self) -> None:
        """Tell the number up to which events were passed over, if any were."""
        if self._unsaid:
            self._unsaid = False
            self.outbox.put(frame("seq", seq=self.seq))

    def watch(self, channel: str, *, on: bool) -> None:
        """Narrow the transients of records to the channels that the page names; a page that names none hears all that
        it may.
        """
        watched = self._watched = self._watched if self._watched is not None else set()
        if not on:
            watched.discard(channel)
        elif len(watched) < MAX_WATCHED:
            watched.add(channel)

    def watches(self, channel: str) -> bool:
        """Return whether the page wants to hear a record's channel."""
        return self._watched is None or channel in self._watched

    def begin(self, seq: int) -> None:
        """Stand at a number without telling of it."""
        self.seq, self._unsaid = seq, False
