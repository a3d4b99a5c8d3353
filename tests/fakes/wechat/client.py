"""The tests' side of /_control: accounts, phones, faults and the clock in plain calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

Json = dict[str, Any]
TIMEOUT = 40


class Phone:
    """One person's phone at one account."""

    def __init__(self, control: WeChatControl, app_id: str, openid: str) -> None:
        self.openid = openid
        self._control = control
        self._path = f"accounts/{app_id}/followers/{openid}"

    def do(self, action: str, **body: Any) -> list[Json]:
        """Act and return the deliveries; `wait=False` returns at once."""
        done: list[Json] = self._control.call("POST", f"{self._path}/do/{action}", body)
        return done

    def follow(self, **body: Any) -> list[Json]:
        return self.do("follow", **body)

    def write(self, content: str, *, wait: bool = True) -> list[Json]:
        return self.do("text", content=content, wait=wait)

    def screen(self) -> list[Json]:
        shown: list[Json] = self._control.call("GET", f"{self._path}/screen")
        return shown

    def answers(self) -> list[Json]:
        """What the account has said, oldest first."""
        return [each for each in self.screen() if each["side"] == "account"]

    def notices(self) -> list[str]:
        return [each["text"] for each in self.screen() if each["kind"] == "notice"]

    def wait_for_answer(self, count: int = 1, *, seconds: float = 10) -> list[Json]:
        return self.wait_until(self.answers, lambda found: len(found) >= count, seconds=seconds)

    @staticmethod
    def wait_until(read: Callable[[], list[Json]], met: Callable[[list[Json]], bool], *, seconds: float) -> list[Json]:
        deadline = time.monotonic() + seconds
        while not met(found := read()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not seen within {seconds} s; the phone has {found}")
            time.sleep(0.05)
        return found

    def state(self) -> Json:
        about: Json = self._control.call("GET", self._path)
        return about


class WeChatControl:
    """The fake's control API, of a thread here or of a process elsewhere."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()

    def call(self, method: str, path: str, body: Any = None, *, expect: bool = True) -> Any:
        answer = self._http.request(method, f"{self.url}/_control/{path}", json=body, timeout=TIMEOUT)
        if expect and answer.status_code >= 400:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def create_account(self, **fields: Any) -> Json:
        account: Json = self.call("POST", "accounts", fields)
        return account

    def change_account(self, app_id: str, **fields: Any) -> Json:
        account: Json = self.call("PATCH", f"accounts/{app_id}", fields)
        return account

    def enable(self, app_id: str) -> bool:
        return bool(self.call("POST", f"accounts/{app_id}/enable", {}, expect=False)["enabled"])

    def accounts(self) -> list[Json]:
        found: list[Json] = self.call("GET", "accounts")
        return found

    def phone(self, app_id: str, nickname: str = "林晓雨", **fields: Any) -> Phone:
        """The phone of a person; with `subscribed=True` one who has followed long ago."""
        follower = self.call("POST", f"accounts/{app_id}/followers", {"nickname": nickname, **fields})
        return Phone(self, app_id, follower["openid"])

    def traces(self, app_id: str = "") -> Json:
        found: Json = self.call("GET", f"traces?app_id={app_id}")
        return found

    def calls(self, app_id: str, endpoint: str = "") -> list[Json]:
        """The account's calls, oldest first, of one endpoint such as `message/custom/send` or of all."""
        return [each for each in self.traces(app_id)["calls"] if each["endpoint"].endswith(endpoint)]

    def fault(self, kind: str, **fields: Any) -> None:
        self.call("POST", "faults", {"kind": kind, **fields})

    def clear_faults(self) -> None:
        self.call("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        self.call("POST", "clock", {"advance": seconds})

    def settings(self, **fields: Any) -> None:
        self.call("PATCH", "settings", fields)

    def revoke_tokens(self, app_id: str) -> None:
        self.call("POST", f"accounts/{app_id}/revoke", {})
