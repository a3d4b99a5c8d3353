"""Where allauth asks us: who may sign up, what mails look like, how second factors are stored, where the pages are."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.http.request import split_domain_port

from guanxi.http.middleware import client_ip
from guanxi.tenancy import require_tenant
from guanxi.tenancy.hosts import resolve_host
from tenants.accounts.mails import send_account_mail
from tenants.accounts.models import User
from tenants.accounts.second_factors import open_factor, seal_factor
from tenants.workspaces.selectors import workspace_url
from tenants.workspaces.services import forget_email, note_email

NO_ADDRESS = "::"  # a socket of the machine itself has none, and limits must count something


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of one workspace: by sign-up of a company or by invitation, never by oneself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: whoever is not invited has no business here."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits are counted by; behind trusted proxies it is the one that they saw."""
        return client_ip(request) or NO_ADDRESS

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of our own mails in the reader's language, instead of allauth's."""
        user = context.get("user") or User.objects.filter(email=email.lower()).first()
        send_account_mail(template_prefix.rpartition("/")[2], to=email, user=user, context=context)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark an address as proven; when it replaces another one, "find my workspace" follows."""
        user = email_address.user
        before = user.email
        confirmed = bool(super().confirm_email(request, email_address))
        user.refresh_from_db(fields=["email"])
        if confirmed and user.email != before:
            forget_email(before)
            note_email(user.email)
        return confirmed


class MFAAdapter(DefaultMFAAdapter):
    """Second factors, sealed: a copy of the database gives nobody the codes."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or the seed of recovery codes for this tenant."""
        return seal_factor(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed; of another tenant it is an error."""
        return open_factor(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return what the authenticator app shows: product and workspace, since one person may work in several."""
        return f"{settings.MFA_TOTP_ISSUER} · {require_tenant().slug}"


class HeadlessAdapter(DefaultHeadlessAdapter):
    """What the page learns of a user, and where mails lead to."""

    def get_frontend_url(self, urlname: str, **kwargs: Any) -> str | None:
        """Return the absolute address of a page, on the host that the request came by."""
        path = settings.HEADLESS_FRONTEND_URLS[urlname].format(**kwargs)
        tenant, request = require_tenant(), self.request
        # A sign-up runs on the base host and makes mails that lead to the workspace.
        if request is not None and resolve_host(split_domain_port(request.get_host())[0])[1] == tenant:
            return str(request.build_absolute_uri(path))
        return workspace_url(tenant.slug, path, tenant_id=tenant.id)

    def serialize_user(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Return id, name and address."""
        known = cast(User, user)
        return {
            "id": known.pk,
            "display": known.get_full_name(),
            "email": known.email,
            "has_usable_password": known.has_usable_password(),
        }
