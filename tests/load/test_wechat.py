"""A callback, from Tencent's POST to the answer in its body, and to the rep's socket: in a running stack."""

import json
import socket
import statistics
import time
from typing import Any

import pytest
import requests
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.chaos.company import ANSWER, Company
from tests.e2e.stack import RunningStack, running_stack
from tests.load.report import show, timed

pytestmark = [pytest.mark.load]
TIMES = 40


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_stack(tmp_path_factory.mktemp("load")) as running:
        yield running


def test_callback_to_answer_and_to_screen(stack: RunningStack) -> None:
    company = Company(stack)
    openid = company.follower(1)
    bare = timed(lambda: requests.get(f"{company.here}/livez", timeout=5), TIMES)

    def ask() -> None:
        answer = requests.post(
            f"{stack.fake_url}/_control/accounts/{company.app_id}/followers/{openid}/do/text",
            json={"content": "能印logo吗"},
            timeout=20,
        )
        assert answer.ok, answer.text

    show("callback to the assistant's answer", timed(ask, TIMES), bare, "an empty request")
    screen = requests.get(
        f"{stack.fake_url}/_control/accounts/{company.app_id}/followers/{openid}/screen", timeout=10
    ).text
    assert ANSWER in json.dumps(json.loads(screen), ensure_ascii=False)
    show("callback to the rep's screen", _to_screen(company, openid), bare, "an empty request")


def _to_screen(company: Company, openid: str) -> list[float]:
    port = company.stack.web_port
    cookies = "; ".join(f"{name}={value}" for name, value in company.http.cookies.items())
    taken = []
    with connect(
        f"ws://{company.host}/ws/",
        sock=socket.create_connection(("127.0.0.1", port)),
        origin=Origin(f"http://{company.host}"),
        additional_headers={"Cookie": cookies},
        proxy=None,
    ) as line:
        line.send(json.dumps({"type": "hello", "last_seq": None}))
        _until(line, lambda message: message["type"] == "ready")
        for _ in range(TIMES):
            _drain(line)
            began = time.perf_counter()
            company.say(openid, "能印logo吗")
            _until(line, lambda message: message.get("kind") == "message.received")
            taken.append((time.perf_counter() - began) * 1000)
    print(f"{'':<44} worst {max(taken):.0f} ms, mean {statistics.mean(taken):.0f} ms")
    return taken


def _drain(line: Any) -> None:
    # What belongs to the turn before must not be taken for this one's.
    try:
        while True:
            line.recv(timeout=0.7)
    except TimeoutError:
        return


def _until(line: Any, wanted: Any) -> None:
    while not wanted(json.loads(line.recv(timeout=30))):
        pass
