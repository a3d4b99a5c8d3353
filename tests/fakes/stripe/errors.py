"""Refusals as Stripe words them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """What Stripe answers instead."""

    def __init__(
        self, status: int, code: str, message: str, param: str = "", kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param, self.kind = status, code, message, param, kind

    @classmethod
    def parameter_missing(cls, name: str) -> Refusal:
        return cls(400, "parameter_missing", f"Missing required param: {name}.", name)

    @classmethod
    def parameter_invalid(cls, name: str) -> Refusal:
        return cls(400, "parameter_invalid", f"Invalid {name}.", name)

    @classmethod
    def missing(cls, kind: str, object_id: str) -> Refusal:
        return cls(404, "resource_missing", f"No such {kind}: '{object_id}'", "id")

    @classmethod
    def missing_reference(cls, kind: str, object_id: str) -> Refusal:
        return cls(400, "resource_missing", f"No such {kind}: '{object_id}'", kind)

    def body(self) -> dict[str, Any]:
        error = {"type": self.kind, "code": self.code, "message": self.message, "param": self.param}
        return {"error": {name: value for name, value in error.items() if value}}
