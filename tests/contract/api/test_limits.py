"""Programs are told their limits, odd input is refused in one form, and the API's page asks no other server."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.tenancy import TenantRef
from tenants.members.services import create_api_key

LEADS = "/api/public/v1/leads"
BEGINNING = datetime(2026, 11, 22, 3, 0, 20, tzinfo=UTC)


def program(actor: Actor, *permissions: str, host: str = "127.0.0.1") -> Client:
    """Return a program with a key of its own."""
    key = create_api_key(
        actor=actor, name="program", permissions=permissions or ["lead.read", "lead.create", "lead.assign"]
    ).key
    return Client(SERVER_NAME=host, headers={"authorization": f"Bearer {key}"})


def limits(answer: Any) -> tuple[int, int, int]:
    return tuple(int(answer.headers[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))  # type: ignore[return-value]


def test_every_answer_tells_the_limit_and_the_next_minute_begins_anew(owner: Actor, settings: Settings) -> None:
    settings.GUANXI_API_CALLS_A_MINUTE = 3
    caller = program(owner)
    with clock.at(BEGINNING):
        assert [limits(caller.get(LEADS)) for _ in range(3)] == [(3, 2, 40), (3, 1, 40), (3, 0, 40)]
        refused = caller.get(LEADS)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert (limits(refused), refused.headers["Retry-After"]) == ((3, 0, 40), "40")
        # Writes have a count of their own, and so has another key.
        assert caller.post(LEADS, {"name": "x"}, content_type="application/json").status_code == 201
        assert program(owner).get(LEADS).status_code == 200
    with clock.at(BEGINNING.replace(minute=1)):
        assert limits(caller.get(LEADS)) == (3, 2, 40)


def test_refusals_tell_the_limit_too(owner: Actor, alpha: TenantRef) -> None:
    caller = program(owner, "lead.read")
    assert limits(caller.get(f"{LEADS}/999999"))[0] == django_settings.GUANXI_API_CALLS_A_MINUTE
    assert caller.get("/api/public/v1/customers").status_code == 403
    unknown = Client(
        SERVER_NAME=f"{alpha.slug}.{django_settings.GUANXI_BASE_DOMAIN}", headers={"authorization": "Bearer gx_a_b"}
    )
    answer = unknown.get(LEADS)
    assert (answer.status_code, "RateLimit-Remaining" in answer.headers) == (401, True)


def test_a_repeated_call_counts_and_tells_it(owner: Actor) -> None:
    caller = program(owner)
    first, again = (
        caller.post(LEADS, {"name": "once"}, content_type="application/json", headers={"idempotency-key": "k"})
        for _ in range(2)
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert limits(first)[1] - limits(again)[1] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"name": "a\\u0000b"}', 400, "malformed_request"),
        (b'{"name": "n", "custom": {"k": ["\\u0000"]}}', 400, "malformed_request"),
        (b'{"name": "a\\\\u0000b"}', 201, ""),
        (b'{"name": "\\ud800"}', 400, "malformed_request"),
        (b'{"name": NaN}', 400, "malformed_request"),
        (b'{"name": "n", "score": 99999999999999999999}', 422, "invalid_input"),
        (b'{"name": "n", "owner_id": 9223372036854775807}', 422, ""),
        (b'["name"]', 422, ""),
        (b"\xff\xfe", 400, "malformed_request"),
        (b"", 422, "invalid_input"),
    ],
)
def test_odd_bodies_are_refused_in_the_apis_form(owner: Actor, body: bytes, status: int, code: str) -> None:
    caller = program(owner)
    answer = caller.generic("POST", LEADS, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    if code:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=W10", "limit=0", "limit=99999999999999999999", "q=%00", "q=%ed%a0%80", "owner_id=1e400"],
)
def test_odd_queries_never_break(owner: Actor, query: str) -> None:
    answer = program(owner).get(f"{LEADS}?{query}")
    assert answer.status_code in {200, 422}, answer.content


def test_a_number_that_no_machine_word_holds_does_not_spoil_a_list(owner: Actor) -> None:
    caller = program(owner)
    body = b'{"name": "big", "custom": {"n": 1e30}}'
    answer = caller.generic("POST", LEADS, body, content_type="application/json")
    assert answer.status_code in {201, 422}
    assert caller.get(LEADS).status_code == 200


def test_a_method_that_is_not_there(owner: Actor) -> None:
    answer = program(owner).generic("DELETE", LEADS)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("host", ["127.0.0.1", "alpha"])
def test_the_page_of_the_api_asks_nobody_else(alpha: TenantRef, host: str) -> None:
    name = f"alpha.{django_settings.GUANXI_BASE_DOMAIN}" if host == "alpha" else host
    page = Client(SERVER_NAME=name).get("/api/docs", headers={"accept-language": "en"})
    assert page.status_code == 200
    html = page.content.decode()
    assert 'lang="en"' in html and not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html)
    policy = page.headers["Content-Security-Policy"]
    nonces = set(re.findall(r'<script src="[^"]+" nonce="([^"]+)"', html))
    assert len(nonces) == 1 and f"'nonce-{nonces.pop()}'" in policy and "unsafe-eval" not in policy
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', html):
        assert Client(SERVER_NAME=name).get(address).status_code == 200, address
    assert 'lang="zh-CN"' in Client(SERVER_NAME=name).get("/api/docs?lang=zh").content.decode()
    assert Client(SERVER_NAME=name).get("/api/public/v1/docs").headers["Location"] == "/api/docs"


def test_the_description_names_refusals_limits_and_headers(alpha: TenantRef) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    answer = client.get("/api/public/v1/openapi.json")
    document = orjson.loads(answer.content)
    create = document["paths"]["/api/public/v1/leads"]["post"]
    assert {"201", "400", "401", "403", "404", "409", "413", "422", "429"} <= set(create["responses"])
    assert create["responses"]["429"] == {"$ref": "#/components/responses/Refusal429"}
    refusal = document["components"]["responses"]["Refusal429"]
    assert refusal["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert {"RateLimit-Remaining", "Retry-After"} <= set(refusal["headers"]) <= set(document["components"]["headers"])
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in create["parameters"]
    identities = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(identities) == len(set(identities)) > 100
    again = client.get("/api/public/v1/openapi.json", headers={"if-none-match": answer.headers["ETag"]})
    assert again.status_code == 304
