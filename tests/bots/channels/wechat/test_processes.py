"""The whole way through real processes: Tencent, web server, relay and worker, with a killed worker in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bots.channels.models import Channel
from crm.conversations.models import Conversation, Message
from crm.conversations.services import send_member_message
from guanxi.access import Actor
from guanxi.config.env import ROOT
from tests.bots.channels.web.server import Served, serving
from tests.bots.channels.wechat.signing import APP_ID
from tests.fakes.wechat import FakeWeChat, WeChatControl
from tests.guanxi.jobs.workers import kill, wait_for, worker

pytestmark = [pytest.mark.committed, pytest.mark.slow]


@contextmanager
def relaying(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the relay of events."""
    path = f"{ROOT / 'platform'}:{ROOT}:{os.environ.get('PYTHONPATH', '')}"
    command = [sys.executable, "-m", "guanxi.config.cli", "manage", "relay"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(lambda: "relay ready" in log.read_text(errors="replace"), what="the relay")
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def site(
    channel: Channel,
    account: dict[str, Any],
    control: WeChatControl,
    tencent: FakeWeChat,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Served]:
    """Web server and relay, both told that Tencent is the fake."""
    monkeypatch.setenv("GUANXI_WECHAT_API_BASE", tencent.url)
    with serving(tmp_path / "web.log") as served, relaying(tmp_path / "relay.log"):
        control.change_account(APP_ID, callback_url=f"{served.url}/wechat/{APP_ID}")
        assert control.enable(APP_ID)
        yield served


def test_messages_go_both_ways_and_a_killed_worker_loses_and_doubles_nothing(
    site: Served, control: WeChatControl, owner: Actor, tmp_path: Path
) -> None:
    phone = control.phone(APP_ID, subscribed=True)
    with worker(tmp_path / "worker.log"):
        phone.do("image")
        wait_for(lambda: Message.objects.filter(kind="image", file_id__isnull=False).exists(), what="the picture")
        talk = Conversation.objects.get()
        send_member_message(actor=owner, conversation_id=talk.pk, text="第一条")
        wait_for(lambda: "第一条" in _said(phone), what="the first message")
    # Nobody works now: what is written waits.
    phone.write("还在吗")
    send_member_message(actor=owner, conversation_id=talk.pk, text="第二条")
    with worker(tmp_path / "killed.log") as process:
        kill(process)
    with worker(tmp_path / "next.log"):
        wait_for(lambda: "第二条" in _said(phone), what="the second message", seconds=90)
        wait_for(
            lambda: not Message.objects.filter(state="pending").exists(), what="everything to be settled", seconds=60
        )
    by_members = [text for text in _said(phone) if text.startswith("第")]
    assert by_members == ["第一条", "第二条"]
    assert [message.text for message in Message.objects.filter(direction="in", kind="text")] == ["还在吗"]
    assert phone.notices() == []


def _said(phone: Any) -> list[str]:
    return [each["text"] for each in phone.answers()]
