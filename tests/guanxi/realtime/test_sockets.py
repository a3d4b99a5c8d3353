"""The members' socket through a real web process: complete, in order, for the right eyes only."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from guanxi.access import Actor
from guanxi.common.redis import client
from guanxi.events.types import Audience
from guanxi.realtime import disconnect_members, is_online, online_members, publish_transient, refresh_members
from guanxi.realtime.audiences import admits
from guanxi.realtime.models import LiveEvent
from guanxi.realtime.publishing import live_channel
from guanxi.tenancy import TenantRef, tenant_scope
from tests.guanxi.realtime.conftest import Tell
from tests.guanxi.realtime.servers import Page, Web, close_code, open_socket, web

pytestmark = [pytest.mark.committed, pytest.mark.slow]
Cookies = Callable[[str, str], str]


def test_each_hears_what_the_roles_admit_and_nobody_has_a_gap(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    pages = {name: Page(server.port, "alpha", cookie_of("alpha", name)) for name in ("owner", "rep", "rep2")}
    rep, rep2 = team["rep"], team["rep2"]
    audiences = {
        "lead.of_rep": Audience(owner_id=rep.member_id, department_path=rep.department_path, permission="lead.read"),
        "lead.of_rep2": Audience(owner_id=rep2.member_id, department_path=rep2.department_path, permission="lead.read"),
        "talk.named": Audience(member_ids=(rep2.member_id or 0,)),
        "news.all": Audience(everyone=True),
        "secret.nobody": Audience(everyone=True, permission="no.such"),
    }
    last = 0
    for kind, audience in audiences.items():
        last = tell(kind, audience=audience, data={"n": 1})
    for name, page in pages.items():
        page.read_to(last)
        assert page.kinds() == [kind for kind, audience in audiences.items() if admits(team[name], audience)], name
    assert pages["rep"].kinds() != pages["rep2"].kinds()
    heard = pages["owner"].events[-1]
    assert (heard["record"], heard["data"], heard["kind"]) == (["lead", 1], {"n": 1}, "news.all")


def test_another_tenant_hears_nothing(
    alpha: TenantRef, beta: TenantRef, server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    here = Page(server.port, "alpha", cookie_of("alpha", "owner"))
    there = Page(server.port, beta.slug, cookie_of("beta", "owner"))
    publish_transient("everyone", {"n": 1})
    last = tell("lead.created", "lead.assigned")
    here.read_to(last)
    with tenant_scope(beta):
        own = tell("deal.won")
    there.read_to(own)
    assert there.kinds() == ["deal.won"] and there.others == []
    assert here.kinds() == ["lead.created", "lead.assigned"] and len(here.others) == 1


def test_what_happened_while_away_comes_first_and_once(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    cookie = cookie_of("alpha", "rep")
    page = Page(server.port, "alpha", cookie)
    page.read_to(tell("a"))
    page.socket.close()
    tell("b", "c")
    tell("hidden", audience=Audience(member_ids=(team["owner"].member_id or 0,)))
    last = tell(*[f"n{number}" for number in range(600)])
    page.connect(server.port)
    assert page.last_seq == last and page.kinds()[:4] == ["a", "b", "c", "n0"] and len(page.events) == 603
    page.read_to(tell("z"))
    assert page.kinds()[-1] == "z"


def test_too_much_missed_or_pruned_or_another_life_is_a_resync(
    alpha: TenantRef, server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    cookie = cookie_of("alpha", "rep")
    first = tell("a")
    page = Page(server.port, "alpha", cookie)
    last = tell(*["n"] * 1100)
    page.read_to(last)
    far = Page(server.port, "alpha", cookie, last_seq=first)
    assert far.resyncs == [last] and far.events == []
    LiveEvent.objects.filter(seq__lt=last - 700).delete()
    pruned = Page(server.port, "alpha", cookie, last_seq=last - 800)
    assert pruned.resyncs == [last]
    ahead = Page(server.port, "alpha", cookie, last_seq=last + 1_000_000)
    assert ahead.resyncs == [last]
    for line in (page, far, pruned, ahead):
        line.read_to(last + 1 if line is not page else tell("after"))
        assert line.kinds()[-1] == "after"


def test_messages_that_come_in_another_order_or_not_at_all_are_read_from_the_table(
    alpha: TenantRef, server: Web, cookie_of: Cookies, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    with monkeypatch.context() as lost:
        lost.setattr("guanxi.realtime.numbering.publish_event", lambda *_: None)
        tell("lost", "lost too")
    page.read_to(tell("heard"))
    assert page.kinds() == ["lost", "lost too", "heard"]
    with monkeypatch.context() as lost:
        lost.setattr("guanxi.realtime.numbering.publish_event", lambda *_: None)
        last = tell("last word")
    started = time.monotonic()
    page.read_to(last, seconds=25)
    assert page.kinds()[-1] == "last word" and time.monotonic() - started < 20


def test_a_lost_redis_connection_loses_nothing(alpha: TenantRef, server: Web, cookie_of: Cookies, tell: Tell) -> None:
    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    last = tell("before")
    for number in range(5):
        client().client_kill_filter(_type="pubsub")
        last = tell(f"during {number}")
        time.sleep(0.1)
    page.read_to(last)
    assert len(page.events) == 6


@pytest.mark.parametrize(
    ("who", "origin", "host", "code"),
    [
        ("rep", "http://evil.example", "", 4403),
        ("rep", "http://beta.localhost", "", 4403),
        ("rep", None, "", 4403),
        ("rep", "null", "", 4403),
        ("rep", "same", "nobody.localhost", 4404),
        ("rep", "same", "localhost", 4404),
        ("", "same", "", 4401),
        ("forged", "same", "", 4401),
        ("other tenant", "same", "", 4401),
    ],
)
def test_who_is_not_let_in(
    alpha: TenantRef,
    beta: TenantRef,
    server: Web,
    cookie_of: Cookies,
    who: str,
    origin: str | None,
    host: str,
    code: int,
) -> None:
    cookies = {"": "", "forged": "x" * 32}
    cookie = cookies[who] if who in cookies else cookie_of("beta" if who == "other tenant" else "alpha", "rep")
    assert close_code(open_socket(server.port, "alpha", cookie, origin=origin, host=host)) == code


def test_signing_out_and_being_switched_off_end_the_line(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies
) -> None:
    page, other = (Page(server.port, "alpha", cookie_of("alpha", name)) for name in ("rep", "rep2"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    disconnect_members([team["rep"].member_id or 0])
    assert page.closed_with() == 4401
    refresh_members([team["rep2"].member_id or 0])
    assert other.closed_with() == 4401


def test_switching_a_member_off_ends_its_line(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    from tenants.members.services import switch_member_off

    page, other = (Page(server.port, "alpha", cookie_of("alpha", name)) for name in ("rep", "rep2"))
    switch_member_off(actor=team["owner"], member_id=team["rep"].member_id or 0)
    last = tell("after")
    assert page.closed_with() == 4401
    other.read_to(last)


def test_changed_rights_count_without_a_new_connection(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    from tenants.members.models import Member, Role

    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    audience = Audience(owner_id=team["owner"].member_id, department_path="/", permission="lead.read")
    page.read_to(tell("unseen", audience=audience))
    member = Member.objects.get(pk=team["rep"].member_id or 0)
    member.roles.set([Role.objects.get(code="admin")])
    refresh_members()
    time.sleep(2)
    page.read_to(tell("seen", audience=audience))
    assert page.kinds() == ["seen"]


def test_transients_reach_whom_they_concern(
    alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    rep, rep2 = (Page(server.port, "alpha", cookie_of("alpha", name)) for name in ("rep", "rep2"))
    mine = f"talk:{team['rep'].member_id}"
    publish_transient(mine, {"token": "你"})
    publish_transient(mine, {"token": "好"})
    publish_transient(f"member:{team['rep2'].member_id}", {"n": 2})
    publish_transient("everyone", {"n": 3}, audience=Audience(member_ids=(team["rep2"].member_id or 0,)))
    for nobodys in ("talk:404", "unknown:1", "talk:x", "nothing"):
        publish_transient(nobodys, {"n": "nobody"})
    publish_transient("everyone", {"n": "end"})
    for page in (rep, rep2):
        page.read(until=lambda message: message.get("payload") == {"n": "end"})
    assert [(m["channel"], m["payload"]) for m in rep.others[:-1]] == [(mine, {"token": "你"}), (mine, {"token": "好"})]
    assert [m["payload"] for m in rep2.others[:-1]] == [{"n": 2}, {"n": 3}]
    rep.send(type="watch", channel="talk:404")
    rep.send(type="ping")
    rep.read(until=lambda message: message["type"] == "pong")
    publish_transient(mine, {"token": "unheard"})
    rep.send(type="watch", channel=mine)
    rep.send(type="ping")
    rep.read(until=lambda message: message["type"] == "pong")
    publish_transient(mine, {"token": "heard"})
    assert rep.read(until=lambda message: message["type"] == "transient")["payload"] == {"token": "heard"}
    rep.read_to(tell("numbered"))
    assert rep.kinds() == ["numbered"]


def test_messages_of_the_page(alpha: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies) -> None:
    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    page.send(type="ping")
    page.send(type="dance")
    page.send(type="forbidden")
    page.socket.send("no json")
    page.socket.send("[]")
    page.send(type="hello", last_seq=-1)
    page.send(type="typing", conversation=5)
    page.read(until=lambda message: message["type"] == "transient")
    answers = [(m["type"], m.get("code"), m.get("about")) for m in page.others[:-1]]
    assert answers == [
        ("pong", None, None),
        ("error", "unknown_message", "dance"),
        ("error", "permission_denied", "forbidden"),
        ("error", "malformed_message", None),
        ("error", "malformed_message", None),
        ("error", "malformed_message", "hello"),
    ]
    assert page.others[-1]["payload"] == {"typing": team["rep"].member_id, "conversation": 5}


def test_a_page_may_ask_again(alpha: TenantRef, server: Web, cookie_of: Cookies, tell: Tell) -> None:
    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    page.read_to(tell("a", "b", "c"))
    page.last_seq = (page.last_seq or 0) - 2
    page.send(type="hello", last_seq=page.last_seq)
    page.read(until=lambda message: message["type"] == "ready")
    assert page.kinds() == ["a", "b", "c", "b", "c"]


@pytest.mark.parametrize(("send", "code"), [("x" * 20_000, 1009), (b"binary", 1009), (None, 4429)])
def test_abuse_is_cut(alpha: TenantRef, server: Web, cookie_of: Cookies, send: str | bytes | None, code: int) -> None:
    page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
    for text in [send] if send is not None else ['{"type":"ping"}'] * 60:
        page.socket.send(text)
    assert page.closed_with() == code


def test_presence_follows_the_sockets(
    alpha: TenantRef, beta: TenantRef, team: dict[str, Actor], server: Web, cookie_of: Cookies
) -> None:
    rep = team["rep"].member_id or 0
    assert online_members() == frozenset()
    cookie = cookie_of("alpha", "rep")
    one, two = (Page(server.port, "alpha", cookie) for _ in range(2))
    assert is_online(rep) and online_members() == {rep}
    with tenant_scope(beta):
        assert not is_online(rep)
    one.socket.close()
    time.sleep(0.3)
    assert is_online(rep)
    two.socket.close()
    deadline = time.monotonic() + 5
    while is_online(rep) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_online(rep)


def test_the_live_channel_is_of_one_redis_database(alpha: TenantRef) -> None:
    number = client().connection_pool.connection_kwargs["db"]
    assert live_channel(alpha.schema) == f"gx:{number}:live:{alpha.schema}"


def test_nothing_alarming_in_the_log(alpha: TenantRef, cookie_of: Cookies, tell: Tell, tmp_path: Path) -> None:
    with web(tmp_path / "web.log") as server:
        page = Page(server.port, "alpha", cookie_of("alpha", "rep"))
        page.read_to(tell("a"))
        page.socket.close()
        time.sleep(1)
        log = server.log.read_text()
    assert "Traceback" not in log and "ERROR" not in log, log
