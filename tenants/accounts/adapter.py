"""How allauth behaves in a workspace."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation."""


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""


class HeadlessAdapter(DefaultHeadlessAdapter):
    """The API of sign-in."""
