"""Values of accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserCard:
    """A user as other apps may know it."""

    id: int
    email: str
    name: str
    is_active: bool
