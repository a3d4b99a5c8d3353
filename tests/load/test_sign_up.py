"""From the submitted form to a workspace: beside a bare insert with its commit."""

import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from guanxi.tenancy import public_scope
from tests.load.report import show, timed

pytestmark = [pytest.mark.load, pytest.mark.committed]
TIMES = 12


def test_sign_up(database: None) -> None:
    call_command("refill_spares", verbosity=0)
    client = Client(SERVER_NAME="localhost")

    def submit() -> None:
        slug = f"b{uuid.uuid4().hex[:10]}"
        form = {
            "key": str(uuid.uuid4()),
            "company": "Bench",
            "slug": slug,
            "name": "Owner",
            "email": f"owner@{slug}.example.com",
            "phone": "",
            "password": "a measured password 3",
            "plan": "trial",
            "locale": "zh-CN",
            "accepts_terms": True,
        }
        answer = client.post("/api/base/v1/signups", form, content_type="application/json", REMOTE_ADDR=_address())
        assert answer.status_code in {201, 202}, answer.content
        states.append(answer.json()["state"])

    states: list[str] = []
    taken = []
    for _ in range(TIMES):
        with public_scope():
            call_command("refill_spares", verbosity=0)
        taken += timed(submit, 1, warm=0)
    assert set(states) == {"ready"}
    show("sign-up, submit to a ready workspace", taken, timed(_insert, 50), "a bare insert and commit")


_addresses: list[int] = []


def _address() -> str:
    # Sign-ups are throttled by address.
    _addresses.append(1)
    return f"10.1.{len(_addresses) // 250}.{len(_addresses) % 250 + 1}"


def _insert() -> Any:
    with public_scope(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_insert (id bigserial PRIMARY KEY, t text)")
        cursor.execute("INSERT INTO bench_insert (t) VALUES ('x')")
