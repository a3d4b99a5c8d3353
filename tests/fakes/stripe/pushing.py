"""Delivers events to the webhook: signed, one after the other, again and again until they are taken."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass

import aiohttp

from tests.fakes.stripe.faults import FaultKind, Faults
from tests.fakes.stripe.shop import Json, Shop, public

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
TIMEOUT = aiohttp.ClientTimeout(total=20)


@dataclass
class Target:
    """Where events go, and what they are signed with."""

    url: str = ""
    secret: str = ""


@dataclass
class Delivery:
    """One try, and how it ended; status 0: nobody answered."""

    event_id: str
    kind: str
    status: int


def sign(body: bytes, secret: str, *, at: int | None = None) -> str:
    """Return the header that Stripe signs a body with."""
    moment = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mac}"


def body_of(event: Json) -> bytes:
    return json.dumps(public(event), indent=2).encode()


class Pusher:
    """Holds the line of events."""

    def __init__(self, shop: Shop, target: Target, faults: Faults) -> None:
        self.shop, self.target, self.faults = shop, target, faults
        self.deliveries: list[Delivery] = []
        self.held: list[Json] = []
        self._line: list[Json] = []
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def put(self, event: Json) -> None:
        """Take an event, from any thread."""
        if self.faults.delivery(FaultKind.HOLD):
            self.held.append(event)
            return
        self._line += [event, event] if self.faults.delivery(FaultKind.DUPLICATE) else [event]
        self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            for event in [each for each in self.shop.events.values() if each["pending_webhooks"]]:
                self.put(event)
            while True:
                await self._wake.wait()
                self._wake.clear()
                # What is emitted together comes together, so that it can change places.
                await asyncio.sleep(0.02)
                batch, self._line = self._line, []
                if len(batch) > 1 and self.faults.delivery(FaultKind.REORDER):
                    batch.reverse()
                for event in batch:
                    await self._deliver(http, event)

    async def _deliver(self, http: aiohttp.ClientSession, event: Json) -> None:
        for pause in (*PAUSES, None):
            # Nobody to tell, or a test has begun anew meanwhile.
            if not self.target.url or event["id"] not in self.shop.events:
                return
            status = await self._post(http, event)
            self.deliveries.append(Delivery(event["id"], event["type"], status))
            if 200 <= status < 300:
                event["pending_webhooks"] = 0
                self.shop.save()
                return
            if pause is not None:
                await asyncio.sleep(pause)

    async def _post(self, http: aiohttp.ClientSession, event: Json) -> int:
        body = body_of(event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, self.target.secret),
        }
        try:
            async with http.post(self.target.url, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0
