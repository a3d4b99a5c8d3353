"""Signing in, resets, proof of addresses, second factors and sessions over the page's API, on two tenants."""

import base64
import os
import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from guanxi.secrets import SecretError
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.accounts.models import User
from tenants.accounts.second_factors import reseal_factors
from tenants.accounts.services import ask_for_proof, create_user, hash_new_password, switch_user
from tenants.workspaces.models import EmailPresence
from tests.people import PASSWORD
from tests.tenants.forms import host_client, post

AUTH = "/_allauth/browser/v1"
SAME, PASSWORD_A, PASSWORD_B = "same@example.com", "the red kettle sings", "the blue kettle hums"


class SentMail(dict[str, Any]):
    """A mail as it was asked for."""


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[SentMail]:
    """Collect what goes to the mail port; rendering has tests of its own."""
    sent: list[SentMail] = []

    def collect(template: str, *, to: str, locale: str, context: dict[str, Any]) -> None:
        sent.append(SentMail(template=template, to=to, locale=locale, **context))

    monkeypatch.setattr("tenants.accounts.mails.send_mail", collect)
    monkeypatch.setattr("tenants.members.mails.send_mail", collect)
    return sent


def make_user(ref: TenantRef, password: str) -> int:
    with tenant_scope(ref):
        return create_user(
            email=SAME, name="Same", password_hash=hash_new_password(password, email=SAME, name="Same"), locale="en"
        )


@pytest.fixture
def same_person(alpha: TenantRef, beta: TenantRef, mails: list[SentMail]) -> tuple[int, int]:
    """Make a user of one address in both tenants, with two passwords."""
    return make_user(alpha, PASSWORD_A), make_user(beta, PASSWORD_B)


def sign_in(client: Client, password: str, email: str = SAME) -> Any:
    return post(client, f"{AUTH}/auth/login", {"email": email, "password": password})


def at(ref: TenantRef) -> Client:
    return host_client(ref.slug)


@pytest.mark.usefixtures("same_person")
def test_each_tenant_knows_only_its_own_password(alpha: TenantRef, beta: TenantRef) -> None:
    assert sign_in(at(alpha), PASSWORD_A).status_code == 200
    assert sign_in(at(beta), PASSWORD_B).status_code == 200
    assert sign_in(at(alpha), PASSWORD_B).status_code == 400
    assert sign_in(at(beta), PASSWORD_A).status_code == 400


@pytest.mark.usefixtures("same_person")
def test_a_session_of_one_tenant_is_none_at_the_other(alpha: TenantRef, beta: TenantRef) -> None:
    here, there = at(alpha), at(beta)
    sign_in(here, PASSWORD_A)
    assert here.get(f"{AUTH}/auth/session").json()["meta"]["is_authenticated"] is True
    there.cookies = here.cookies
    assert there.get(f"{AUTH}/auth/session").status_code == 401
    assert there.get("/api/v1/members").status_code == 401


@pytest.mark.usefixtures("alpha")
def test_nobody_signs_up_by_himself(alpha: TenantRef) -> None:
    answer = post(at(alpha), f"{AUTH}/auth/signup", {"email": "new@example.com", "password": PASSWORD_A})
    assert answer.status_code == 403
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.usefixtures("same_person")
def test_proof_of_an_address_by_mail(alpha: TenantRef, beta: TenantRef, mails: list[SentMail]) -> None:
    user = User.objects.get(email=SAME)
    ask_for_proof(user.pk)
    mail = mails[-1]
    assert (mail["template"], mail["to"], mail["locale"]) == ("accounts/verify_email", SAME, "en")
    assert mail["url"].startswith(f"http://{alpha.slug}.localhost")
    key = mail["url"].rsplit("/", 1)[1]
    # The ids of the rows are the same in both tenants; the key must still be nothing in the other one.
    elsewhere = post(at(beta), f"{AUTH}/auth/email/verify", {"key": key})
    assert elsewhere.status_code == 400
    with tenant_scope(beta):
        assert not EmailAddress.objects.get(email=SAME).verified
    assert post(at(alpha), f"{AUTH}/auth/email/verify", {"key": key}).status_code in {200, 401}
    assert EmailAddress.objects.get(email=SAME).verified


@pytest.mark.usefixtures("same_person")
def test_proof_is_not_asked_for_twice(mails: list[SentMail]) -> None:
    user = User.objects.get(email=SAME)
    EmailAddress.objects.filter(user=user).update(verified=True)
    before = (len(mails), EmailConfirmation.objects.count())
    ask_for_proof(user.pk)
    assert (len(mails), EmailConfirmation.objects.count()) == before


@pytest.mark.usefixtures("same_person")
def test_reset_of_a_password(alpha: TenantRef, beta: TenantRef, mails: list[SentMail]) -> None:
    with tenant_scope(beta):
        # The very same hash in both tenants, as after a restored copy.
        User.objects.filter(email=SAME).update(password=_hash_in(alpha))
    client = at(alpha)
    assert post(client, f"{AUTH}/auth/password/request", {"email": SAME}).status_code == 200
    mail = next(mail for mail in mails if mail["template"] == "accounts/reset_password")
    assert re.match(rf"^http://{alpha.slug}\.localhost(:\d+)?/reset-password/", mail["url"])
    key = mail["url"].rsplit("/", 1)[1]
    new = "an entirely new phrase"
    assert post(at(beta), f"{AUTH}/auth/password/reset", {"key": key, "password": new}).status_code == 400
    weak = post(client, f"{AUTH}/auth/password/reset", {"key": key, "password": "12345678"})
    assert weak.status_code == 400
    assert {error["code"] for error in weak.json()["errors"]} >= {"password_too_common"}
    assert post(client, f"{AUTH}/auth/password/reset", {"key": key, "password": new}).status_code in {200, 401}
    assert sign_in(at(alpha), new).status_code == 200
    assert sign_in(at(alpha), PASSWORD_A).status_code == 400
    assert mails[-1]["kind"] == "password_reset"
    assert post(client, f"{AUTH}/auth/password/reset", {"key": key, "password": new}).status_code == 400


def _hash_in(ref: TenantRef) -> str:
    with tenant_scope(ref):
        return User.objects.get(email=SAME).password


@pytest.mark.usefixtures("same_person")
def test_reset_answers_the_same_for_an_address_that_is_unknown(alpha: TenantRef, mails: list[SentMail]) -> None:
    known = post(at(alpha), f"{AUTH}/auth/password/request", {"email": SAME})
    sent = len(mails)
    unknown = post(at(alpha), f"{AUTH}/auth/password/request", {"email": "nobody@example.com"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert len(mails) == sent


def _code(secret: str, *, periods: int = 0) -> str:
    """Return the code of now, or of some periods of 30 s later; the neighbours of now are accepted too."""
    counter = list(yield_hotp_counters_from_time())[1] + periods
    return str(format_hotp_value(hotp_value(secret, counter)))


def _with_totp(client: Client) -> str:
    """Turn the second factor on and return its secret."""
    offered = client.get(f"{AUTH}/account/authenticators/totp")
    assert offered.status_code == 404
    secret = str(offered.json()["meta"]["secret"])
    assert "Guanxi" in parse_qs(urlparse(offered.json()["meta"]["totp_url"]).query)["issuer"][0]
    unasked = post(client, f"{AUTH}/account/authenticators/totp", {"code": _code(secret)})
    assert unasked.status_code == 401
    assert "reauthenticate" in [flow["id"] for flow in unasked.json()["data"]["flows"]]
    assert post(client, f"{AUTH}/auth/reauthenticate", {"password": PASSWORD_A}).status_code == 200
    assert post(client, f"{AUTH}/account/authenticators/totp", {"code": _code(secret)}).status_code == 200
    return secret


@pytest.fixture
def proven(same_person: tuple[int, int], alpha: TenantRef, beta: TenantRef) -> None:
    """Prove the address in both tenants: without that no second factor is given out."""
    for ref in (alpha, beta):
        with tenant_scope(ref):
            EmailAddress.objects.filter(email=SAME).update(verified=True)


@pytest.mark.usefixtures("proven")
def test_second_factor_is_asked_for_and_belongs_to_the_tenant(
    alpha: TenantRef, beta: TenantRef, mails: list[SentMail], django_capture_on_commit_callbacks: Any
) -> None:
    client = at(alpha)
    sign_in(client, PASSWORD_A)
    with django_capture_on_commit_callbacks(execute=True):
        secret = _with_totp(client)
    assert mails[-1]["kind"] == "totp_activated"
    fresh = at(alpha)
    halfway = sign_in(fresh, PASSWORD_A)
    assert halfway.status_code == 401
    assert [flow["id"] for flow in halfway.json()["data"]["flows"] if flow.get("is_pending")] == ["mfa_authenticate"]
    assert fresh.get("/api/v1/members").status_code == 401
    assert post(fresh, f"{AUTH}/auth/2fa/authenticate", {"code": "000000"}).status_code == 400
    code = _code(secret, periods=1)
    assert post(fresh, f"{AUTH}/auth/2fa/authenticate", {"code": code}).status_code == 200
    assert fresh.get(f"{AUTH}/auth/session").json()["meta"]["is_authenticated"] is True
    again = at(alpha)
    sign_in(again, PASSWORD_A)
    assert post(again, f"{AUTH}/auth/2fa/authenticate", {"code": code}).status_code == 400
    # In the other tenant the same person signs in by password alone.
    assert sign_in(at(beta), PASSWORD_B).status_code == 200


@pytest.mark.usefixtures("proven")
def test_recovery_code_signs_in_once(alpha: TenantRef) -> None:
    client = at(alpha)
    sign_in(client, PASSWORD_A)
    _with_totp(client)
    codes = client.get(f"{AUTH}/account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    assert len(codes) == 10
    first, second = at(alpha), at(alpha)
    sign_in(first, PASSWORD_A)
    assert post(first, f"{AUTH}/auth/2fa/authenticate", {"code": codes[0]}).status_code == 200
    sign_in(second, PASSWORD_A)
    assert post(second, f"{AUTH}/auth/2fa/authenticate", {"code": codes[0]}).status_code == 400


@pytest.mark.usefixtures("proven")
def test_second_factors_are_sealed_and_open_nowhere_else(alpha: TenantRef, beta: TenantRef) -> None:
    client = at(alpha)
    sign_in(client, PASSWORD_A)
    secret = _with_totp(client)
    stored = {row.type: row.data for row in Authenticator.objects.all()}
    assert stored["totp"]["secret"].startswith("v1.")
    assert secret not in str(stored)
    assert stored["recovery_codes"]["seed"].startswith("v1.")
    with tenant_scope(beta):
        user_id = User.objects.get(email=SAME).pk
        copy = Authenticator.objects.create(user_id=user_id, type="totp", data=stored["totp"])
        with pytest.raises(SecretError):
            copy.wrap().validate_code(_code(secret))


@pytest.mark.usefixtures("proven")
def test_second_factors_follow_a_change_of_the_key(alpha: TenantRef, settings: Any) -> None:
    client = at(alpha)
    sign_in(client, PASSWORD_A)
    secret = _with_totp(client)
    before = {row.type: row.data for row in Authenticator.objects.all()}
    ring = settings.GUANXI_SECRET_KEYS
    settings.GUANXI_SECRET_KEYS = f"next:{base64.b64encode(os.urandom(32)).decode()},{ring}"
    assert reseal_factors() == 2
    assert reseal_factors() == 0
    after = {row.type: row.data for row in Authenticator.objects.all()}
    assert after["totp"]["secret"].startswith("v1.next.")
    assert before["totp"]["secret"] != after["totp"]["secret"]
    fresh = at(alpha)
    sign_in(fresh, PASSWORD_A)
    code = _code(secret, periods=1)
    assert post(fresh, f"{AUTH}/auth/2fa/authenticate", {"code": code}).status_code == 200


@pytest.mark.usefixtures("proven")
def test_sessions_are_listed_and_ended(alpha: TenantRef) -> None:
    phone, desk = at(alpha), at(alpha)
    sign_in(phone, PASSWORD_A)
    sign_in(desk, PASSWORD_A)
    listed = desk.get(f"{AUTH}/auth/sessions").json()["data"]
    assert len(listed) == 2
    other = next(session["id"] for session in listed if not session["is_current"])
    desk.delete(f"{AUTH}/auth/sessions", {"sessions": [other]}, content_type="application/json")
    assert phone.get(f"{AUTH}/auth/session").status_code == 401
    assert desk.get(f"{AUTH}/auth/session").status_code == 200


@pytest.mark.usefixtures("same_person")
def test_lock_out_after_wrong_passwords_counts_by_tenant(alpha: TenantRef, beta: TenantRef) -> None:
    wrong = [sign_in(at(alpha), "wrong password here").status_code for _ in range(6)]
    assert wrong[0] == 400
    refused = sign_in(at(alpha), PASSWORD_A)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "too_many_login_attempts"
    assert sign_in(at(beta), PASSWORD_B).status_code == 200


@pytest.mark.usefixtures("proven")
def test_switched_off_user_is_out_at_once_and_stays_out(alpha: TenantRef) -> None:
    client = at(alpha)
    sign_in(client, PASSWORD_A)
    switch_user(user_id=User.objects.get(email=SAME).pk, active=False)
    assert client.get(f"{AUTH}/auth/session").status_code == 401
    assert sign_in(at(alpha), PASSWORD_A).status_code != 200


@pytest.mark.usefixtures("proven")
def test_new_address_counts_once_it_is_proven_and_is_found_by_it(alpha: TenantRef, mails: list[SentMail]) -> None:
    from tenants.workspaces.selectors import find_workspaces_of_email

    client = at(alpha)
    sign_in(client, PASSWORD_A)
    assert post(client, f"{AUTH}/account/email", {"email": "moved@example.com"}).status_code == 200
    assert User.objects.get(name="Same").email == SAME
    key = next(mail for mail in reversed(mails) if mail["template"] == "accounts/verify_email")["url"].rsplit("/", 1)[1]
    assert post(client, f"{AUTH}/auth/email/verify", {"key": key}).status_code == 200
    assert User.objects.get(name="Same").email == "moved@example.com"
    assert [card.slug for card in find_workspaces_of_email("moved@example.com")] == [alpha.slug]
    assert alpha.slug not in [card.slug for card in find_workspaces_of_email(SAME)]


@pytest.mark.usefixtures("same_person")
def test_addresses_are_kept_outside_of_the_tenant_only_as_keyed_digests() -> None:
    rows = [str(vars(row)) for row in EmailPresence.objects.all()]
    assert len(rows) >= 2
    assert not [row for row in rows if "@" in row]


def test_write_without_csrf_token_is_refused(alpha: TenantRef) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME=f"{alpha.slug}.localhost")
    answer = post(strict, f"{AUTH}/auth/login", {"email": f"rep@{alpha.slug}.example.com", "password": PASSWORD})
    assert answer.status_code == 403
