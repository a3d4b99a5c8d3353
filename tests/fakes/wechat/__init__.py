"""Tencent's Official Account server, played over HTTP: stateful, strict and with a phone to look at."""

from tests.fakes.wechat.client import WeChatControl
from tests.fakes.wechat.fake import FakeWeChat

__all__ = ["FakeWeChat", "WeChatControl"]
