"""One event to a thousand sockets of one tenant, in a running stack; beside the same event to one socket."""

import asyncio
import json
import socket
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.chaos.company import Company
from tests.e2e.stack import RunningStack, running_stack
from tests.load.report import show

pytestmark = [pytest.mark.load]
SOCKETS, EVENTS = 1000, 12


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_stack(tmp_path_factory.mktemp("fan-out")) as running:
        yield running


def test_fan_out(stack: RunningStack) -> None:
    company = Company(stack)
    one = asyncio.run(_hear(company, 1))
    many = asyncio.run(_hear(company, SOCKETS))
    show(f"an event to all of {SOCKETS} sockets", many, one, "to one socket")


async def _hear(company: Company, number: int) -> list[float]:
    """Open so many sockets, let something happen a dozen times; return how long until the last one has heard of it."""
    lines: list[ClientConnection] = []
    for begin in range(0, number, 50):
        lines += await asyncio.gather(*(_open(company) for _ in range(min(50, number - begin))))
    taken = []
    try:
        for turn in range(EVENTS):
            heard = [asyncio.ensure_future(_heard(line)) for line in lines]
            began = time.perf_counter()
            await asyncio.to_thread(company.call, "POST", "/api/v1/customers", {"name": f"Fan {number} {turn}"})
            await asyncio.wait_for(asyncio.gather(*heard), 60)
            taken.append((time.perf_counter() - began) * 1000)
    finally:
        await asyncio.gather(*(line.close() for line in lines), return_exceptions=True)
    return taken


async def _open(company: Company) -> ClientConnection:
    cookies = "; ".join(f"{name}={value}" for name, value in company.http.cookies.items())
    line = await connect(
        f"ws://{company.host}/ws/",
        sock=socket.create_connection(("127.0.0.1", company.stack.web_port)),
        origin=Origin(f"http://{company.host}"),
        additional_headers={"Cookie": cookies},
        proxy=None,
        open_timeout=60,
    )
    await line.send(json.dumps({"type": "hello", "last_seq": None}))
    while json.loads(await line.recv())["type"] != "ready":
        pass
    return line


async def _heard(line: ClientConnection) -> None:
    while json.loads(await line.recv()).get("kind") != "customer.created":
        pass
