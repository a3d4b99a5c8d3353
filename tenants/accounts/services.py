"""Writes users: makes them, switches them off, signs them in."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from guanxi.common.errors import Conflict, Invalid
from tenants.accounts.models import User
from tenants.workspaces.services import forget_email, note_email, take_hand_over


def create_user(
    *,
    email: str,
    name: str,
    phone: str = "",
    password_hash: str | None = None,
    locale: str = "zh-CN",
    email_proven: bool = False,
) -> int:
    """Make a user of the current workspace and return its id; an address that is not proven gets a mail to prove it by.

    Without a password hash nobody can sign in as the user until a reset. Raises Conflict("email_taken").
    """
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise Conflict("email_taken", "Somebody with this e-mail is a member already.", params={"email": address})
    user = User(email=address, name=name, phone=phone, locale=locale, password=password_hash or make_password(None))
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=address, primary=True, verified=email_proven)
    note_email(address)
    if not email_proven:
        ask_for_proof(user.pk)
    return user.pk


def ask_for_proof(user_id: int) -> None:
    """Mail the user a link that proves the address, unless it is proven; it goes with the caller's transaction."""
    address = EmailAddress.objects.select_related("user").filter(user_id=user_id, primary=True, verified=False).first()
    if address is not None:
        address.send_confirmation()


def hash_new_password(password: str, *, email: str, name: str) -> str:
    """Return the hash of a password that passes the rules; raise Invalid("weak_password") with the rule's code."""
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as fault:
        code = str(fault.error_list[0].code or "password_invalid")
        raise Invalid("weak_password", " ".join(fault.messages), fields={"password": code}) from fault
    return make_password(password)


def update_user(*, user_id: int, name: str | None = None, locale: str | None = None, phone: str | None = None) -> None:
    """Keep what mails greet with, and their language, equal to the member's."""
    values = {key: value for key, value in (("name", name), ("locale", locale), ("phone", phone)) if value is not None}
    if values:
        User.objects.filter(pk=user_id).update(**values)


def switch_user(*, user_id: int, active: bool) -> None:
    """Let a user sign in, or no longer; switching off ends all of its sessions at once."""
    user = User.objects.select_for_update().get(pk=user_id)
    User.objects.filter(pk=user_id).update(is_active=active)
    if active:
        note_email(user.email)
    else:
        forget_email(user.email)
        end_sessions(user_id=user_id)


def end_sessions(*, user_id: int) -> None:
    """End every session of a user."""
    for session in UserSession.objects.filter(user_id=user_id):
        session.end()


def note_session(request: HttpRequest) -> None:
    """Write into the list of sessions that this one is in use, from where and by which browser."""
    if request.user.is_authenticated:
        UserSession.objects.create_from_request(request)


def sign_in(request: HttpRequest, *, user_id: int, method: str) -> HttpResponse:
    """Sign a user in who has shown in another way than by password who it is.

    The answer leads to the workspace's first page.
    """
    user = User.objects.get(pk=user_id)
    record_authentication(request, user, method=method)
    response: HttpResponse = perform_login(request, Login(user=user, email_verification="none", redirect_url="/"))
    return response


def sign_in_by_hand_over(request: HttpRequest, token: str) -> HttpResponse | None:
    """Sign the new owner in by the single-use token; None when the token is worth nothing here."""
    user_id = take_hand_over(token)
    if user_id is None or not User.objects.filter(pk=user_id, is_active=True).exists():
        return None
    return sign_in(request, user_id=user_id, method="hand_over")
