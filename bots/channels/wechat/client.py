"""wechatpy's client with our own tokens, time-outs and bounded retry; every error comes out as a WeChatFault."""

import json
import random
import time
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from wechatpy.client import WeChatClient

from bots.channels.models import Channel
from bots.channels.wechat.faults import TOKEN_CODES, WeChatFault, refused, unanswered, unreachable
from bots.channels.wechat.tokens import TokenProvider

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
BUSY_TRIES = 3
MAX_MEDIA = 12 * 1024 * 1024
CHUNK = 64 * 1024
PUBLIC_PAGES = "https://mp.weixin.qq.com"
REAL_API = "https://api.weixin.qq.com"


class OfficialAccount(WeChatClient):
    """The API of one account. Its parts (`message`, `media`, `menu`, `qrcode`, `user`, `template`) are wechatpy's."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.key, "", timeout=(CONNECT_SECONDS, READ_SECONDS), auto_retry=False)
        self.API_BASE_URL = f"{_api_base()}/cgi-bin/"
        self.tokens = TokenProvider(channel, self)

    @property
    def access_token(self) -> str:
        """Return the token for the next call."""
        return self.tokens.current()

    def fetch_access_token(self) -> Any:
        """Refuse: wechatpy's own way knows neither lock nor time-out."""
        raise NotImplementedError("tokens come from the TokenProvider")

    def issue_token(self, *, secret: str, force: bool) -> tuple[str, int]:
        """Ask Tencent for the stable token."""
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": secret, "force_refresh": force}
        answer = self._call("post", "stable_token", data=_encoded(body))
        try:
            return str(answer["access_token"]), int(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as fault:
            raise unreachable("no token in the answer") from fault

    def send(self, body: dict[str, Any]) -> None:
        """Send a customer-service message."""
        self.post("message/custom/send", data=body)

    def fetch_media(self, media_id: str) -> tuple[str, bytes]:
        """Return the type and the bytes of something that a customer sent; raise WeChatFault when it is gone."""
        response = self.get("media/get", params={"media_id": media_id}, stream=True)
        if isinstance(response, dict):
            raise refused(40007, "a video has only an address")
        content = bytearray()
        try:
            for chunk in response.iter_content(CHUNK):
                content += chunk
                if len(content) > MAX_MEDIA:
                    raise refused(40006, "larger than is kept")
        except requests.RequestException as fault:
            raise unreachable(type(fault).__name__) from fault
        finally:
            response.close()
        return str(response.headers.get("Content-Type", "")), bytes(content)

    def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Any:
        """Make a call with a token; one that is refused is renewed once, and the call made once more."""
        options.pop("api_base_url", None)
        processor = options.pop("result_processor", None)
        parameters = dict(options.pop("params", None) or {})
        if isinstance(options.get("data"), dict):
            options["data"] = _encoded(options["data"])
        token = parameters.pop("access_token", None) or self.access_token
        try:
            answer = self._call(method, url_or_endpoint, params={**parameters, "access_token": token}, **options)
        except WeChatFault as fault:
            if fault.errcode not in TOKEN_CODES:
                raise
            _rewind(options)
            renewed = self.tokens.renew(stale=token)
            answer = self._call(method, url_or_endpoint, params={**parameters, "access_token": renewed}, **options)
        return processor(answer) if processor else answer

    def _call(self, method: str, endpoint: str, **options: Any) -> Any:
        """Make a call; Tencent's "busy" is tried again a few times, with a pause that grows and varies."""
        for attempt in range(1, BUSY_TRIES + 1):
            try:
                return self._once(method, endpoint, **options)
            except WeChatFault as fault:
                if fault.errcode != -1 or attempt == BUSY_TRIES:
                    raise
                _rewind(options)
                time.sleep(0.2 * 2**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    def _once(self, method: str, endpoint: str, **options: Any) -> Any:
        url = endpoint if endpoint.startswith(self.API_BASE_URL) else self.API_BASE_URL + endpoint.lstrip("/")
        options["timeout"] = self.timeout
        try:
            response = self._http.request(method, url, allow_redirects=False, **options)
        except requests.ConnectTimeout as fault:
            raise unreachable("no connection") from fault
        except requests.RequestException as fault:
            raise _broken(method, fault) from fault
        if response.status_code >= 300:
            # A gateway before Tencent's servers answered: they have not seen the call, or will not say.
            raise unreachable(f"HTTP {response.status_code}")
        return _result(response)


def account_of(channel: Channel) -> OfficialAccount:
    """Return the API of a channel's account."""
    return OfficialAccount(channel)


def qr_image_url(ticket: str) -> str:
    """Return where the picture of a code is, open to everybody."""
    pages = PUBLIC_PAGES if _api_base() == REAL_API else _api_base()
    return f"{pages}/cgi-bin/showqrcode?ticket={quote(ticket)}"


def _api_base() -> str:
    return str(settings.GUANXI_WECHAT_API_BASE).rstrip("/")


def _encoded(body: dict[str, Any]) -> bytes:
    # Tencent shows \u4f60 to the customer as it stands there.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _broken(method: str, fault: requests.RequestException) -> WeChatFault:
    hint = type(fault).__name__
    refused_connection = isinstance(fault, requests.ConnectionError) and "NewConnectionError" in repr(fault)
    return unreachable(hint) if refused_connection or method.lower() == "get" else unanswered(hint)


def _result(response: requests.Response) -> Any:
    kind = response.headers.get("Content-Type", "")
    if not ("json" in kind or kind.startswith("text/")):
        return response
    try:
        answer = json.loads(response.content.decode("utf-8", "replace"), strict=False)
    except ValueError as fault:
        raise unreachable("the answer is not JSON") from fault
    if not isinstance(answer, dict):
        raise unreachable("the answer is not an object")
    errcode = int(answer.get("errcode") or 0)
    if errcode:
        raise refused(errcode, str(answer.get("errmsg", "")))
    return answer


def _rewind(options: dict[str, Any]) -> None:
    for part in (options.get("files") or {}).values():
        stream = part[1] if isinstance(part, tuple) else part
        if hasattr(stream, "seek"):
            stream.seek(0)
