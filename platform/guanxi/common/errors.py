"""The errors that a caller is meant to see; the API answers each with problem+json (RFC 9457)."""

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """A refusal with a stable code.

    `code` names the case for programs and for the page's catalog, `detail` says it in English, `fields` maps a field to
    its own code, `params` are the values that a translated sentence may show.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int,
        detail: str,
        fields: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.params = dict(params or {})


class NotFound(Problem):
    """The record does not exist, or the actor may not know that it does."""

    def __init__(self, kind: str, record_id: object) -> None:
        super().__init__(
            "not_found",
            status=404,
            detail=f"There is no {kind} {record_id} that you may see.",
            params={"kind": kind, "id": str(record_id)},
        )


class NotSignedIn(Problem):
    """Nobody is signed in, or the key is unknown or has ended."""

    def __init__(self, detail: str = "Sign in, or send a valid API key.") -> None:
        super().__init__("not_signed_in", status=401, detail=detail)


class PermissionDenied(Problem):
    """The actor is known but has no right to the action."""

    def __init__(self, permission: str) -> None:
        super().__init__(
            "permission_denied",
            status=403,
            detail=f"Your roles do not grant {permission}.",
            params={"permission": permission},
        )


class Invalid(Problem):
    """The input is understood but not acceptable; nothing was changed."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, status=422, detail=detail, fields=fields, params=params)


class Conflict(Problem):
    """The record's present state does not allow the action."""

    def __init__(self, code: str, detail: str, *, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, status=409, detail=detail, params=params)


class VersionConflict(Problem):
    """Somebody changed the record since the caller read it."""

    def __init__(self, current: int) -> None:
        super().__init__(
            "version_conflict",
            status=412,
            detail="Somebody else changed this record meanwhile; read it again. Nothing was saved.",
            params={"version": current},
        )


class RateLimited(Problem):
    """Too many calls; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "rate_limited",
            status=429,
            detail=f"Too many calls; try again in {retry_after} s.",
            params={"retry_after": retry_after},
        )
        self.retry_after = retry_after
