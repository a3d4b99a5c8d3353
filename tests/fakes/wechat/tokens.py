"""Access tokens: the stable one and the old one, their lives, overlaps and limits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tests.fakes.wechat.errors import Refusal

LIFE = 7200
OVERLAP = 300
FORCED_A_DAY = 20
FORCED_APART = 30
DAY = 86400


@dataclass
class Token:
    value: str
    app_id: str
    stable: bool
    expires_at: float


@dataclass
class TokenDesk:
    """Issues and checks tokens; the two kinds do not touch each other."""

    tokens: list[Token] = field(default_factory=list)
    forced: dict[str, list[float]] = field(default_factory=dict)
    issued: int = 0

    def stable(self, app_id: str, now: float, *, force: bool) -> tuple[str, int]:
        current = self._newest(app_id, now, stable=True)
        if force and not self._forced_lately(app_id, now):
            self._count_forced(app_id, now)
            self._drop(app_id, stable=True)
            current = None
        if current is not None and current.expires_at - now > OVERLAP:
            return current.value, int(current.expires_at - now)
        return self._issue(app_id, now, stable=True), LIFE

    def legacy(self, app_id: str, now: float) -> tuple[str, int]:
        previous = self._newest(app_id, now, stable=False)
        if previous is not None:
            previous.expires_at = min(previous.expires_at, now + OVERLAP)
        return self._issue(app_id, now, stable=False), LIFE

    def owner(self, value: str, now: float) -> str:
        """The app id that a token speaks for, or the refusal that Tencent would answer."""
        if not value:
            raise Refusal(41001)
        for token in self.tokens:
            if secrets.compare_digest(token.value.encode(), value.encode()):
                if token.expires_at <= now:
                    raise Refusal(42001)
                return token.app_id
        raise Refusal(40001 if len(value) > 40 else 40014)

    def revoke(self, app_id: str) -> None:
        """As when the secret is reset: every token of the account is void at once."""
        self.tokens = [each for each in self.tokens if each.app_id != app_id]

    def _newest(self, app_id: str, now: float, *, stable: bool) -> Token | None:
        fitting = [t for t in self.tokens if t.app_id == app_id and t.stable is stable and t.expires_at > now]
        return fitting[-1] if fitting else None

    def _forced_lately(self, app_id: str, now: float) -> bool:
        times = self.forced.get(app_id, [])
        return bool(times) and now - times[-1] < FORCED_APART

    def _count_forced(self, app_id: str, now: float) -> None:
        today = [each for each in self.forced.get(app_id, []) if now - each < DAY]
        if len(today) >= FORCED_A_DAY:
            raise Refusal(45009)
        self.forced[app_id] = [*today, now]

    def _drop(self, app_id: str, *, stable: bool) -> None:
        self.tokens = [t for t in self.tokens if t.app_id != app_id or t.stable is not stable]

    def _issue(self, app_id: str, now: float, *, stable: bool) -> str:
        value = f"{98 if stable else 57}_{secrets.token_urlsafe(96)}"
        self.tokens.append(Token(value=value, app_id=app_id, stable=stable, expires_at=now + LIFE))
        self.tokens = [t for t in self.tokens if t.expires_at > now - DAY]
        self.issued += 1
        return value
