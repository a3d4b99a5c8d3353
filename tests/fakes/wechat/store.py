"""Keep the fake's state in a folder, so that the demo finds its conversations again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.fakes.wechat.quota import Grant
from tests.fakes.wechat.records import Account, AccountKind, Bubble, Follower, Media, Mode, QrTicket
from tests.fakes.wechat.tencent import Tencent
from tests.fakes.wechat.tokens import Token, TokenDesk

FILE = "tencent.json"


def save(tencent: Tencent) -> None:
    if tencent.folder is None:
        return
    tencent.folder.mkdir(parents=True, exist_ok=True)
    target = tencent.folder / FILE
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps(_dump(tencent), ensure_ascii=False))
    os.replace(draft, target)
    tencent.dirty = False


def load(tencent: Tencent) -> None:
    if tencent.folder is None or not (tencent.folder / FILE).exists():
        return
    data: dict[str, Any] = json.loads((tencent.folder / FILE).read_text())
    tencent.last_id = data["last_id"]
    tencent.clock.offset = data["clock_offset"]
    tencent.desk = TokenDesk(
        tokens=[Token(**each) for each in data["tokens"]], forced=data["forced"], issued=data["issued"]
    )
    tencent.accounts = {each["app_id"]: _account(each) for each in data["accounts"]}
    tencent.followers = {each["openid"]: _follower(each) for each in data["followers"]}
    tencent.bubbles = [Bubble(**each) for each in data["bubbles"]]
    tencent.media = {
        each["media_id"]: Media(**each)
        for each in data["media"]
        if (Path(tencent.folder) / "media" / each["media_id"]).exists()
    }
    tencent.tickets = {each["ticket"]: QrTicket(**each) for each in data["tickets"]}


def _dump(tencent: Tencent) -> dict[str, Any]:
    return {
        "last_id": tencent.last_id,
        "clock_offset": tencent.clock.offset,
        "tokens": [asdict(each) for each in tencent.desk.tokens],
        "forced": tencent.desk.forced,
        "issued": tencent.desk.issued,
        "accounts": [asdict(each) for each in tencent.accounts.values()],
        "followers": [asdict(each) for each in tencent.followers.values()],
        "bubbles": [asdict(each) for each in tencent.bubbles],
        "media": [asdict(each) for each in tencent.media.values()],
        "tickets": [asdict(each) for each in tencent.tickets.values()],
    }


def _account(data: dict[str, Any]) -> Account:
    return Account(**{**data, "kind": AccountKind(data["kind"]), "mode": Mode(data["mode"])})


def _follower(data: dict[str, Any]) -> Follower:
    return Follower(**{**data, "grants": [Grant(**each) for each in data["grants"]]})
