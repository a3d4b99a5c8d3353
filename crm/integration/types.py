"""What the parts of webhooks hand to each other."""

from dataclasses import dataclass
from datetime import timedelta

# After the first try, and then after each that failed.
BACK_OFF = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21_600, 43_200, 86_400))
MAX_TRIES = len(BACK_OFF) + 1
KEPT_FOR = timedelta(days=30)
FAILING_FOR = timedelta(days=3)
ROTATION_OVERLAP = timedelta(hours=24)
MAX_ENDPOINTS = 20
MAX_REPLAY = 1000
TEST_KIND = "webhook.test"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that is shown this once."""

    id: int
    secret: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries were put back in the line, and whether more could be."""

    replayed: int
    more: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a delivery that was taken for sending needs."""

    delivery_id: int
    endpoint_id: int
    attempt: int
    url: str
    secrets: tuple[str, ...]
    message_id: str
    payload: dict[str, object]
    record: tuple[str, int] | None
    as_member_id: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try; `error` is empty when the other side took it."""

    error: str
    status_code: int | None = None
    duration_ms: int = 0
    answer: str = ""
    retry_after: timedelta | None = None
