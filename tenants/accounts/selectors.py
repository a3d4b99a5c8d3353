"""Reads users."""

from tenants.accounts.models import User
from tenants.accounts.types import UserCard


def find_user(email: str) -> UserCard | None:
    """Return the user with this address in the current workspace."""
    user = User.objects.filter(email=email.strip().lower()).first()
    return card_of(user) if user else None


def card_of(user: User) -> UserCard:
    """Return a user's card."""
    return UserCard(user.pk, user.email, user.name, user.is_active)
