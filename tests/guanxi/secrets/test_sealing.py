"""Sealing: opens only with its key, in its tenant, field and row, and never gives the cipher text instead."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from guanxi.secrets import SecretError, is_current, reseal, seal, unseal
from guanxi.secrets.keyring import parse_keys
from guanxi.tenancy import TenantRef
from guanxi.tenancy.context import _current

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))


class In:
    """Sets the tenant of the context alone: sealing asks no database."""

    def __init__(self, schema: str) -> None:
        self.ref = TenantRef(1, schema, schema)

    def __enter__(self) -> None:
        self.token = _current.set(self.ref)

    def __exit__(self, *_: object) -> None:
        _current.reset(self.token)


@given(st.text(max_size=300))
def test_what_is_sealed_opens_again_and_shows_nothing(value: str) -> None:
    token = seal(value, field="channel.secret", row="7")
    assert token.startswith("v1.")
    assert len(value) < 8 or value not in token
    assert unseal(token, field="channel.secret", row="7") == value


def test_the_same_value_never_looks_the_same() -> None:
    assert seal("s", field="f", row="1") != seal("s", field="f", row="1")


@pytest.mark.parametrize(("field", "row"), [("f", "2"), ("g", "1"), ("f1", ""), ("", "f1")])
def test_a_moved_value_is_an_error(field: str, row: str) -> None:
    token = seal("secret", field="f", row="1")
    with pytest.raises(SecretError):
        unseal(token, field=field, row=row)


def test_another_tenants_value_is_an_error() -> None:
    with In("t_a"):
        token = seal("secret", field="f", row="1")
    with In("t_b"), pytest.raises(SecretError):
        unseal(token, field="f", row="1")
    with pytest.raises(SecretError):
        unseal(token, field="f", row="1")
    with In("t_a"):
        assert unseal(token, field="f", row="1") == "secret"


@pytest.mark.parametrize(
    "damage", ["", "plain text", "v1.dev.", "v1.dev.AAAA", "v2.dev.AAAA", "v1.dev.***", "v1.other." + "A" * 60]
)
def test_what_was_never_sealed_is_an_error(damage: str) -> None:
    with pytest.raises(SecretError):
        unseal(damage, field="f", row="1")


def test_every_flipped_letter_is_noticed() -> None:
    token = seal("secret", field="f", row="1")
    head, _, body = token.rpartition(".")
    for place in range(len(body.rstrip("="))):
        flipped = body[:place] + ("A" if body[place] != "A" else "B") + body[place + 1 :]
        with pytest.raises(SecretError):
            unseal(f"{head}.{flipped}", field="f", row="1")


def test_rotation_reads_the_old_key_and_writes_the_new_one(settings: Settings) -> None:
    settings.GUANXI_SECRET_KEYS = f"old:{OLD}"
    token = seal("secret", field="f", row="1")
    settings.GUANXI_SECRET_KEYS = f"new:{NEW},old:{OLD}"
    assert not is_current(token)
    fresh = reseal(token, field="f", row="1")
    assert fresh.startswith("v1.new.")
    assert reseal(fresh, field="f", row="1") == fresh
    settings.GUANXI_SECRET_KEYS = f"new:{NEW}"
    assert unseal(fresh, field="f", row="1") == "secret"
    with pytest.raises(SecretError, match="not in the ring"):
        unseal(token, field="f", row="1")


def test_a_key_replaced_under_the_same_id_is_an_error(settings: Settings) -> None:
    settings.GUANXI_SECRET_KEYS = f"k:{OLD}"
    token = seal("secret", field="f", row="1")
    settings.GUANXI_SECRET_KEYS = f"k:{NEW}"
    with pytest.raises(SecretError):
        unseal(token, field="f", row="1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "nokey",
        "k:",
        "k:short",
        f"k:{base64.b64encode(b'x' * 16).decode()}",
        f"k:{OLD},k:{NEW}",
        f"a b:{OLD}",
    ],
)
def test_a_ring_that_cannot_be_used_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse_keys(text)
    assert OLD not in str(refusal.value)
