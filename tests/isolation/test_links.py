"""Hosts, cookies, keys, signed links and tokens: what opens a door of one tenant opens none of another."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from guanxi.access import ANYONE
from guanxi.files.links import download_url
from guanxi.files.models import StoredFile
from guanxi.tenancy import tenant_scope
from tenants.members.services import resend_invitation
from tests.isolation.cases import all_cases
from tests.isolation.conftest import ALPHA, BETA, World, key_client, undone
from tests.people import actor_named
from tests.world import TENANTS

GUARDED = [case for case in all_cases() if case.route.permission != ANYONE]


def _at(world: World, tenant_name: str, role: str) -> Client:
    """Return somebody's client of alpha, pointed at another host."""
    client = Client(SERVER_NAME=f"{TENANTS[tenant_name]}.{settings.GUANXI_BASE_DOMAIN}")
    # A copy: an answer of the other host may take a cookie away.
    client.cookies = SimpleCookie(world.clients[role].cookies.output(header="", sep=";"))
    return client


@pytest.mark.parametrize("mount", ["page", "program"])
def test_alphas_cookie_and_key_open_nothing_on_betas_host(world: World, mount: str) -> None:
    client = _at(world, "beta", "owner") if mount == "page" else key_client("beta", world.keys["alpha"])
    cases = [case for case in GUARDED if case.mount == mount]
    assert len(cases) > 80
    for case in cases:
        with undone():
            answer = case.send(client, case.url(world.own), case.body(world.mine()) if not case.ids else {})
        assert answer.status_code == 401, (str(case), answer.status_code, answer.content)
    assert world.untouched(), world.changed()


def test_the_session_of_alpha_is_nobodys_on_betas_host(world: World) -> None:
    there = _at(world, "beta", "owner").get("/api/v1/session").json()
    assert (there["signed_in"], there["member"]) == (False, None)
    assert _at(world, "alpha", "owner").get("/api/v1/session").json()["signed_in"] is True


def test_on_the_base_host_the_key_alone_chooses(world: World) -> None:
    for name, word, other in (("alpha", ALPHA, BETA), ("beta", BETA, ALPHA)):
        headers = {"authorization": f"Bearer {world.keys[name]}"}
        with undone():
            answer = Client(SERVER_NAME=settings.GUANXI_BASE_DOMAIN, headers=headers).get("/api/public/v1/customers")
        assert word in answer.content.decode() and other not in answer.content.decode()
    for key in ("gx_unknown_key", world.keys["alpha"][:-1], ""):
        headers = {"authorization": f"Bearer {key}"}
        answer = Client(SERVER_NAME=settings.GUANXI_BASE_DOMAIN, headers=headers).get("/api/public/v1/customers")
        assert answer.status_code in {401, 404}, (key, answer.content)


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_signed_link_opens_in_its_own_tenant_only(world: World) -> None:
    client = world.clients["owner"]
    with tenant_scope(world.alpha):
        own = download_url(StoredFile.objects.get(pk=world.own["file"]))
    fits = client.get(own)
    assert fits.status_code == 200 and ALPHA in _content(fits).decode()
    with tenant_scope(world.beta):
        # The first id is alpha's too, so that a link that forgot its tenant would open alpha's file.
        links = [download_url(StoredFile.objects.get(pk=ids["file"])) for ids in (world.own, world.foreign)]
    for link in links:
        refused = client.get(link)
        assert refused.status_code == 404, refused.content
        assert BETA not in _content(refused).decode()
    forged = client.get(own[:-2] + ("AA" if own[-2:] != "AA" else "BB"))
    assert forged.status_code == 404


def test_an_invitation_leads_into_its_own_tenant_only(world: World) -> None:
    client = Client(SERVER_NAME=f"alpha.{settings.GUANXI_BASE_DOMAIN}")
    with undone():
        tokens = {}
        for ref in (world.alpha, world.beta):
            with tenant_scope(ref):
                new = resend_invitation(actor=actor_named("owner"), invitation_id=world.own["invitation"])
                tokens[ref.slug] = new.link.rpartition("/")[2]
        path = "/api/v1/invitations/by-token/"
        own, foreign = (tokens[ref.slug] for ref in (world.alpha, world.beta))
        assert client.get(path + own).status_code == 200
        refused = client.get(path + foreign)
        assert refused.status_code == 404 and BETA not in refused.content.decode()
        before = world.digest.read()
        joined = {"name": "Intruder", "password": "long enough for anybody 9"}
        assert client.post(path + foreign, joined, content_type="application/json").status_code == 404
        assert world.digest.read() == before
        assert client.post(path + own, joined, content_type="application/json").status_code == 201
