"""Hand a push to an account's callback as Tencent does: signed, five seconds, three times in all."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import asdict
from urllib.parse import urlencode

import aiohttp

from tests.fakes.wechat.crypto import sign
from tests.fakes.wechat.passive import NOTICE, Malformed, Reply, read_reply
from tests.fakes.wechat.pushxml import Fields, push_xml, wire_xml
from tests.fakes.wechat.records import Account, Bubble, Delivery, Follower, Mode
from tests.fakes.wechat.tencent import Tencent

USER_AGENT = "Mozilla/4.0"
QUIET_EVENTS = ("unsubscribe", "TEMPLATESENDJOBFINISH")


class Pusher:
    """The part of Tencent that calls the account's server."""

    def __init__(self, tencent: Tencent, http: aiohttp.ClientSession) -> None:
        self._tencent = tencent
        self._http = http

    async def verify(self, account: Account) -> bool:
        """The callback check of the developer page: the server must answer echostr and nothing else."""
        stamp, nonce, echo = self._stamp(), _nonce(), str(secrets.randbelow(10**19))
        query = {"signature": sign(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
        try:
            async with self._http.get(
                self._address(account, query), timeout=self._timeout(), headers={"User-Agent": USER_AGENT}
            ) as answer:
                body = await answer.read()
                passed = answer.status == 200 and body == echo.encode()
                why = "" if passed else f"HTTP {answer.status}, the answer is not echostr"
        except (aiohttp.ClientError, TimeoutError) as error:
            passed, why = False, type(error).__name__
        account.enabled = passed
        account.last_check = why
        self._tencent.changed(account.app_id, "account", asdict(account))
        return passed

    async def push(
        self, account: Account, follower: Follower, *, kind: str, fields: Fields, bubble: Bubble | None = None,
        msg_id: str = "", created_at: int | None = None,
    ) -> list[Delivery]:  # fmt: skip
        """Push a message (with its MsgId) or an event, and show on the phone what the answer says."""
        plain = push_xml(account, follower.openid, created_at or self._tencent.clock.seconds(), kind, fields)
        event = next((str(value) for name, value in fields if name == "Event"), "")
        return await self.push_plain(account, follower, plain, kind=event or kind, bubble=bubble, msg_id=msg_id)

    async def push_plain(
        self, account: Account, follower: Follower, plain: str, *, kind: str, bubble: Bubble | None = None,
        msg_id: str = "",
    ) -> list[Delivery]:  # fmt: skip
        if not account.enabled:
            self._settle(bubble, "not pushed")
            return []
        deliveries: list[Delivery] = []
        for attempt in range(1, self._tencent.settings.attempts + 1):
            if attempt > 1:
                await asyncio.sleep(self._tencent.settings.pause_between_attempts)
            delivery, reply, final = await self._attempt(account, follower, plain, kind, msg_id, attempt)
            deliveries.append(delivery)
            self._settle(bubble, delivery.outcome, attempt)
            if final:
                self._show(follower, reply, delivery)
                return deliveries
        if kind not in QUIET_EVENTS:
            self._tencent.show(follower, side="system", kind="notice", text=NOTICE)
        return deliveries

    async def _attempt(
        self, account: Account, follower: Follower, plain: str, kind: str, msg_id: str, attempt: int
    ) -> tuple[Delivery, Reply | None, bool]:
        """One POST; the third value says that no further attempt follows."""
        stamp, nonce = self._stamp(), _nonce()
        query = {
            "signature": sign(account.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": follower.openid,
        }
        wire, sealed = wire_xml(account, plain)
        if account.mode is not Mode.PLAIN:
            query |= {"encrypt_type": "aes", "msg_signature": sign(account.token, stamp, nonce, sealed)}
        delivery = Delivery(
            id=self._tencent.next_id(), app_id=account.app_id, openid=follower.openid, kind=kind, msg_id=msg_id,
            attempt=attempt, at=self._tencent.clock.now(), url=self._address(account, query), plain=plain, wire=wire,
        )  # fmt: skip
        self._tencent.deliveries.append(delivery)
        self._tell(delivery)
        started = time.monotonic()
        try:
            async with self._http.post(
                delivery.url,
                data=wire.encode("utf-8", "surrogatepass"),
                timeout=self._timeout(),
                headers={"User-Agent": USER_AGENT, "Content-Type": "text/xml", "Pragma": "no-cache"},
            ) as answer:
                body = await answer.read()
                delivery.status = answer.status
        except TimeoutError:
            return self._end(delivery, started, "timeout"), None, False
        except aiohttp.ClientError as error:
            return self._end(delivery, started, f"unreachable: {type(error).__name__}"), None, False
        delivery.answer = body.decode("utf-8", "replace")[:20000]
        if delivery.status != 200:
            return self._end(delivery, started, f"HTTP {delivery.status}"), None, False
        try:
            reply = read_reply(account, follower, body, self._tencent.media)
        except Malformed as error:
            return self._end(delivery, started, f"malformed: {error}"), None, True
        delivery.answer_plain = reply.plain if reply else ""
        return self._end(delivery, started, "reply" if reply else "silent"), reply, True

    def _show(self, follower: Follower, reply: Reply | None, delivery: Delivery) -> None:
        if delivery.outcome.startswith("malformed"):
            if delivery.kind not in QUIET_EVENTS:
                self._tencent.show(follower, side="system", kind="notice", text=NOTICE)
        elif reply is not None and delivery.kind not in QUIET_EVENTS:
            self._tencent.show(
                follower, side="account", kind=reply.kind, text=reply.text, via="passive", detail=reply.detail
            )

    def _settle(self, bubble: Bubble | None, outcome: str, attempt: int = 0) -> None:
        if bubble is None:
            return
        bubble.state = outcome
        bubble.detail = {**bubble.detail, "attempts": attempt}
        self._tencent.changed(bubble.app_id, "bubble", asdict(bubble))

    def _end(self, delivery: Delivery, started: float, outcome: str) -> Delivery:
        delivery.took_ms = round((time.monotonic() - started) * 1000)
        delivery.outcome = outcome
        self._tell(delivery)
        return delivery

    def _tell(self, delivery: Delivery) -> None:
        self._tencent.changed(delivery.app_id, "delivery", asdict(delivery))

    def _stamp(self) -> str:
        # The signature carries real time: moving the fake's clock by days must not make its calls look stale.
        return str(int(time.time()) + self._tencent.settings.timestamp_shift)

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self._tencent.settings.callback_timeout)

    @staticmethod
    def _address(account: Account, query: dict[str, str]) -> str:
        return f"{account.callback_url}{'&' if '?' in account.callback_url else '?'}{urlencode(query)}"


def _nonce() -> str:
    return str(secrets.randbelow(9 * 10**8) + 10**8)
