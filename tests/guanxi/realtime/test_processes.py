"""The live line when processes die, and when many listen."""

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from websockets.asyncio.client import connect
from websockets.typing import Origin

from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.realtime import is_online, publish_to_visitor
from guanxi.realtime.selectors import last_seq
from guanxi.tenancy import TenantRef, tenant_scope
from tests.guanxi.realtime.conftest import Tell
from tests.guanxi.realtime.servers import Page, Web, close_code, open_socket, web

pytestmark = [pytest.mark.committed, pytest.mark.slow]
Cookies = Callable[[str, str], str]


class Talker(threading.Thread):
    """Lets things happen without a pause, as workers elsewhere would."""

    def __init__(self, tenant: TenantRef) -> None:
        super().__init__()
        self.tenant = tenant
        self.enough = threading.Event()
        self.told = 0

    def run(self) -> None:
        try:
            with tenant_scope(self.tenant):
                while not self.enough.wait(0.005):
                    with transaction.atomic():
                        # Every third one is for nobody here: the numbers must be accounted for all the same.
                        audience = Audience(everyone=True, permission="no.such" if self.told % 3 == 2 else "")
                        record_event("lead.created", actor=None, aggregate=("lead", self.told + 1), audience=audience)
                    drain(dispatch_event)
                    self.told += 1
        finally:
            connection.close()


def test_a_killed_web_process_costs_no_event(alpha: TenantRef, cookie_of: Cookies, tell: Tell, tmp_path: Path) -> None:
    cookie = cookie_of("alpha", "rep")
    start = tell("begin")
    talker = Talker(alpha)
    with web(tmp_path / "web.log") as server:
        page = Page(server.port, "alpha", cookie)
        talker.start()
        try:
            page.read(until=lambda message: message["type"] == "event" and message["seq"] >= start + 30)
            for _ in range(2):
                server.end()
                time.sleep(0.5)
                server = Web(tmp_path / "web.log")
                try:
                    page.connect(server.port)
                    page.read_to((page.last_seq or 0) + 30)
                except BaseException:
                    server.end()
                    raise
        finally:
            talker.enough.set()
            talker.join()
        page.read_to(last_seq())
        server.end()
    visible = [number + 1 for number in range(talker.told) if number % 3 != 2]
    assert [event["record"][1] for event in page.events] == visible
    assert len(visible) > 60 and page.resyncs == []


def test_a_stopping_process_sends_its_sockets_elsewhere(
    alpha: TenantRef, cookie_of: Cookies, tell: Tell, tmp_path: Path
) -> None:
    cookie = cookie_of("alpha", "rep")
    with web(tmp_path / "web.log") as server:
        pages = [Page(server.port, "alpha", cookie) for _ in range(5)]
        visitor = open_socket(server.port, "alpha", path="/ws/widget/")
        visitor.send('{"type":"hello","token":"alpha:talk-1"}')
        assert json.loads(visitor.recv(timeout=5)) == {"type": "ready"}
        assert is_online(_member_id("rep"))
        server.process.send_signal(signal.SIGTERM)
        assert [page.closed_with() for page in pages] == [1012] * 5
        assert close_code(visitor) == 1012
        assert server.process.wait(timeout=10) == 0
        assert not is_online(_member_id("rep")), "who left with the process is not waited for"
    assert "Traceback" not in server.log.read_text()


def _member_id(name: str) -> int:
    from tests.people import actor_named

    return actor_named(name).member_id or 0


def test_two_processes_tell_the_same(alpha: TenantRef, cookie_of: Cookies, tell: Tell, tmp_path: Path) -> None:
    cookie = cookie_of("alpha", "rep")
    with web(tmp_path / "one.log") as one, web(tmp_path / "two.log") as two:
        pages = [Page(server.port, "alpha", cookie) for server in (one, two)]
        last = tell(*[f"n{number}" for number in range(50)])
        for page in pages:
            page.read_to(last)
        assert pages[0].events == pages[1].events and len(pages[0].events) == 50
        one.end()
        assert is_online(_member_id("rep"))


async def _listen(
    port: int, cookie: str, ready: asyncio.Semaphore, target: int, told: asyncio.Event
) -> tuple[list[int], float]:
    """Hear everything up to `target`; return the numbers and the moment of the last one."""
    host = f"alpha.{settings.GUANXI_BASE_DOMAIN}:{port}"
    raw = socket.create_connection(("127.0.0.1", port))
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
    async with connect(
        f"ws://{host}/ws/",
        sock=raw,
        origin=Origin(f"http://{host}"),
        additional_headers=headers,
        proxy=None,
        open_timeout=30,
    ) as line:
        await line.send('{"type":"hello","last_seq":null}')
        assert json.loads(await line.recv())["type"] == "ready"
        ready.release()
        seqs: list[int] = []
        while not seqs or seqs[-1] < target:
            message = json.loads(await asyncio.wait_for(line.recv(), 30))
            if message["type"] == "event":
                seqs.append(message["seq"])
        return seqs, time.monotonic()


def test_two_hundred_sockets_hear_everything_in_order(
    alpha: TenantRef, server: Web, cookie_of: Cookies, tell: Tell
) -> None:
    cookie, start, sockets, events = cookie_of("alpha", "rep"), tell("begin"), 200, 100

    async def run() -> tuple[list[tuple[list[int], float]], float]:
        ready, told = asyncio.Semaphore(0), asyncio.Event()
        listeners = [
            asyncio.create_task(_listen(server.port, cookie, ready, start + events, told)) for _ in range(sockets)
        ]
        for _ in range(sockets):
            await asyncio.wait_for(ready.acquire(), 60)
        begun = time.monotonic()
        teller = threading.Thread(target=_tell_many, args=(alpha, events))
        teller.start()
        heard = await asyncio.gather(*listeners)
        teller.join()
        return list(heard), begun

    heard, begun = asyncio.run(run())
    assert all(seqs == list(range(start + 1, start + events + 1)) for seqs, _ in heard)
    slowest = max(moment for _, moment in heard) - begun
    print(f"{sockets * events} messages to {sockets} sockets in {slowest:.2f} s")
    assert slowest < 30


def _tell_many(tenant: TenantRef, count: int) -> None:
    try:
        with tenant_scope(tenant):
            with transaction.atomic():
                for number in range(count):
                    record_event(
                        "lead.created", actor=None, aggregate=("lead", number + 1), audience=Audience(everyone=True)
                    )
            drain(dispatch_event)
    finally:
        connection.close()


def test_a_visitor_hears_one_conversation_only(alpha: TenantRef, beta: TenantRef, server: Web, tell: Tell) -> None:
    lines = {}
    for token in ("alpha:talk-1", "alpha:talk-2", f"{beta.slug}:talk-1"):
        line = lines[token] = open_socket(server.port, "alpha", path="/ws/widget/")
        line.send(json.dumps({"type": "hello", "token": token}))
        assert json.loads(line.recv(timeout=5)) == {"type": "ready"}
    tell("lead.created")
    publish_to_visitor("talk-1", {"type": "message", "text": "您好"})
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish_to_visitor("talk-1", {"type": "message", "text": "never said"}, after_commit=True)
        raise ZeroDivisionError
    publish_to_visitor("talk-2", {"type": "message", "text": "second"})
    lines["alpha:talk-1"].send('{"type":"typing","text":"…"}')
    assert json.loads(lines["alpha:talk-1"].recv(timeout=5)) == {"type": "message", "text": "您好"}
    assert json.loads(lines["alpha:talk-1"].recv(timeout=5)) == {"echo": "…"}
    assert json.loads(lines["alpha:talk-2"].recv(timeout=5)) == {"type": "message", "text": "second"}
    for line in lines.values():
        with pytest.raises(TimeoutError):
            line.recv(timeout=0.5)
    lines["alpha:talk-1"].send('{"type":"dance"}')
    assert json.loads(lines["alpha:talk-1"].recv(timeout=5))["code"] == "unknown_message"


@pytest.mark.parametrize(
    "hello", ['{"type":"hello","token":"nobody:x"}', '{"type":"hello"}', '{"type":"hello","token":5}']
)
def test_a_visitor_without_a_valid_token_is_not_let_in(alpha: TenantRef, server: Web, hello: str) -> None:
    line = open_socket(server.port, "alpha", path="/ws/widget/")
    line.send(hello)
    assert close_code(line) == 4401
    assert close_code(open_socket(server.port, "alpha", path="/ws/widget/", origin="http://evil.example")) == 4403
