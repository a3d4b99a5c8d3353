"""Tencent's error codes, and what each means to us."""

from dataclasses import dataclass
from enum import StrEnum


class Means(StrEnum):
    """What to do about an error."""

    TOKEN = "token"  # noqa: S105 -- a name, not a secret
    RETRY = "retry"
    CHANNEL = "channel"
    WINDOW = "window"
    PERSON = "person"
    MESSAGE = "message"
    ABILITY = "ability"


@dataclass(frozen=True, slots=True)
class Meaning:
    """Our own stable code, and whether and when trying again can help."""

    code: str
    means: Means
    retry_after: float | None = None


MEANINGS: dict[int, Meaning] = {
    -1: Meaning("busy", Means.RETRY, 2),
    40001: Meaning("credentials", Means.TOKEN, 60),
    40014: Meaning("credentials", Means.TOKEN, 60),
    42001: Meaning("credentials", Means.TOKEN, 60),
    40013: Meaning("credentials", Means.CHANNEL, 300),
    40125: Meaning("credentials", Means.CHANNEL, 300),
    41004: Meaning("credentials", Means.CHANNEL, 300),
    40243: Meaning("credentials", Means.CHANNEL, 300),
    40164: Meaning("address_not_allowed", Means.CHANNEL, 300),
    89503: Meaning("address_not_allowed", Means.CHANNEL, 300),
    50002: Meaning("account_restricted", Means.CHANNEL, 600),
    45009: Meaning("daily_quota", Means.CHANNEL, 1800),
    45011: Meaning("too_often", Means.RETRY, 60),
    45015: Meaning("window_closed", Means.WINDOW),
    45047: Meaning("quota_used_up", Means.WINDOW),
    40003: Meaning("unreachable", Means.PERSON),
    43004: Meaning("unreachable", Means.PERSON),
    43019: Meaning("unreachable", Means.PERSON),
    48001: Meaning("not_allowed", Means.ABILITY),
    48004: Meaning("account_restricted", Means.CHANNEL, 600),
    40007: Meaning("media_gone", Means.MESSAGE),
    40004: Meaning("media_refused", Means.MESSAGE),
    40005: Meaning("media_refused", Means.MESSAGE),
    40006: Meaning("media_too_large", Means.MESSAGE),
    44004: Meaning("message_empty", Means.MESSAGE),
    45002: Meaning("text_too_long", Means.MESSAGE),
    87014: Meaning("content_refused", Means.MESSAGE),
}
UNKNOWN = Meaning("refused", Means.MESSAGE)
TOKEN_CODES = frozenset(code for code, meaning in MEANINGS.items() if meaning.means is Means.TOKEN)


class WeChatFault(Exception):
    """Tencent refused a call, or could not be reached.

    `errcode` is Tencent's, None when there was no answer; `uncertain` when the call may have been carried out all the
    same.
    """

    def __init__(
        self, meaning: Meaning, *, errcode: int | None = None, hint: str = "", uncertain: bool = False
    ) -> None:
        super().__init__(f"{meaning.code} (errcode {errcode}) {hint}".strip())
        self.meaning = meaning
        self.errcode = errcode
        self.hint = hint
        self.uncertain = uncertain

    @property
    def code(self) -> str:
        """Return our stable code."""
        return self.meaning.code

    @property
    def retry_after(self) -> float | None:
        """Return after how many seconds trying again can help, None when it cannot."""
        return None if self.uncertain else self.meaning.retry_after


def refused(errcode: int, errmsg: str) -> WeChatFault:
    """Return the fault of an errcode."""
    # The end of the message is an id for Tencent's support, and 40164 names the address to allow.
    return WeChatFault(MEANINGS.get(errcode, UNKNOWN), errcode=errcode, hint=errmsg[:200])


def unreachable(hint: str) -> WeChatFault:
    """Return the fault of a call that did not reach Tencent, and so can be made again."""
    return WeChatFault(Meaning("network", Means.RETRY, 5), hint=hint)


def unanswered(hint: str) -> WeChatFault:
    """Return the fault of a call that was made, and whose answer never came: whether it took effect nobody can say."""
    return WeChatFault(Meaning("outcome_unknown", Means.MESSAGE), hint=hint, uncertain=True)
