"""The model in a thread of the test's process, with its mood, script, gate and memory at hand."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.llm.mind import Behaviour, Json, Mind
from tests.fakes.llm.server import GATE, make_app
from tests.fakes.running import ThreadedFake


class FakeModel(ThreadedFake):
    """Point any OpenAI client at `base_url` with any key but `sk-refused`."""

    def __init__(self, *, port: int = 0) -> None:
        self.mind = Mind()
        super().__init__(make_app(self.mind), port=port)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def behave(self, behaviour: Behaviour | str, *, times: int = -1) -> None:
        """Behave so for the next `times` requests, or until told otherwise."""
        self.mind.behaviour, self.mind.times = Behaviour(behaviour), times

    def say(self, *answers: str | Json) -> None:
        """Answer the next requests with exactly these."""
        self.mind.script.extend(answers)

    def hold_last_token(self) -> None:
        self._on_loop("shut")

    def release_last_token(self) -> None:
        self._on_loop("open")

    def wait_until_held(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while self.app[GATE].waiting == 0:
            if time.monotonic() > deadline:
                raise AssertionError("no answer reached its last token")
            time.sleep(0.01)

    @property
    def requests(self) -> list[Json]:
        return self.mind.requests

    def chats(self) -> list[dict[str, Any]]:
        return [each["body"] for each in self.requests if each["path"].endswith("/chat/completions")]

    def reset(self) -> None:
        self.release_last_token()
        self.mind.behaviour, self.mind.times = Behaviour.QUOTE, -1
        self.mind.script.clear()
        self.mind.requests.clear()
        self.mind.token_delay = 0.0

    def _on_loop(self, act: str) -> None:
        async def work() -> None:
            getattr(self.app[GATE], act)()

        self.run(work())
