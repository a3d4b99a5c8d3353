"""Tencent in a thread, an owner's server, and an account that joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.contract.wechat.callback import OwnServer
from tests.fakes.wechat import FakeWeChat, WeChatControl

Json = dict[str, Any]


@pytest.fixture(scope="module")
def tencent() -> Iterator[FakeWeChat]:
    with FakeWeChat() as fake:
        yield fake


@pytest.fixture
def control(tencent: FakeWeChat) -> Iterator[WeChatControl]:
    yield tencent.control
    tencent.tencent.faults.clear()
    tencent.tencent.clock.offset = 0.0
    tencent.tencent.settings.callback_timeout = 5.0
    tencent.tencent.desk.forced.clear()


@pytest.fixture
def own() -> Iterator[OwnServer]:
    with OwnServer() as server:
        yield server


@pytest.fixture
def account(control: WeChatControl, own: OwnServer) -> Json:
    made = control.create_account(callback_url=own.callback_url)
    assert control.enable(made["app_id"])
    return made


class Api:
    """Calls of an account to Tencent's API, as its own code would make them."""

    def __init__(self, url: str, account: Json) -> None:
        self._url = url
        self._account = account

    def token(self, **more: Any) -> Json:
        body = {"grant_type": "client_credential", "appid": self._account["app_id"], "secret": self._account["secret"]}
        return self.raw("stable_token", {**body, **more})

    def raw(self, path: str, body: Any = None, **options: Any) -> Json:
        method = "GET" if body is None and "data" not in options and "files" not in options else "POST"
        if body is not None:
            import json

            options["data"] = json.dumps(body, ensure_ascii=False).encode()
            options["headers"] = {"Content-Type": "application/json"}
        answered: Json = requests.request(method, f"{self._url}/cgi-bin/{path}", timeout=20, **options).json()
        return answered

    def call(self, path: str, body: Any = None, **options: Any) -> Json:
        sign = "&" if "?" in path else "?"
        return self.raw(f"{path}{sign}access_token={self.token()['access_token']}", body, **options)

    def send(self, openid: str, text: str) -> int:
        answer = self.call("message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})
        return int(answer["errcode"])


@pytest.fixture
def api(tencent: FakeWeChat) -> Callable[[Json], Api]:
    return lambda account: Api(tencent.url, account)
