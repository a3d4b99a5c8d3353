"""The HTTP face: /v1/chat/completions (whole and streamed), /v1/embeddings, /v1/models and /_control."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from aiohttp import web

from tests.fakes.llm.mind import Answer, Behaviour, Json, Mind, embed

MIND = web.AppKey("mind", Mind)
KEY_REFUSED = "sk-refused"
LOGGED = 500


class Gate:
    """Holds back the last piece of every streamed answer while it is shut."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1


GATE = web.AppKey("gate", Gate)


def problem(status: int, kind: str, message: str) -> web.Response:
    body = {"error": {"message": message, "type": kind, "param": None, "code": kind}}
    headers = {"Retry-After": "1"} if status == 429 else None
    return web.json_response(body, status=status, headers=headers)


async def _asked(request: web.Request) -> Json | web.Response:
    """The request's body, noted down; or the refusal that it earns."""
    bearer = request.headers.get("Authorization", "")
    if not bearer.startswith("Bearer ") or bearer.endswith(KEY_REFUSED):
        return problem(401, "invalid_api_key", "Incorrect API key provided")
    try:
        body = await request.json()
    except ValueError:
        return problem(400, "invalid_request_error", "the body is not JSON")
    if not isinstance(body, dict) or not body.get("model"):
        return problem(400, "invalid_request_error", "you must provide a model parameter")
    mind = request.app[MIND]
    mind.requests.append({"path": request.path, "at": time.time(), "body": body})
    del mind.requests[:-LOGGED]
    return body


async def _misbehave(request: web.Request, mood: Behaviour) -> web.Response | None:
    if mood is Behaviour.ERROR_500:
        return problem(500, "server_error", "The server had an error while processing your request")
    if mood is Behaviour.ERROR_429:
        return problem(429, "rate_limit_exceeded", "Rate limit reached")
    if mood is Behaviour.HANG:
        await asyncio.sleep(request.app[MIND].hang_seconds)
        return problem(504, "timeout", "timed out")
    if mood is Behaviour.DROP:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
    return None


async def chat(request: web.Request) -> web.StreamResponse:
    body = await _asked(request)
    if isinstance(body, web.Response):
        return body
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        return problem(400, "invalid_request_error", "messages is required")
    mind = request.app[MIND]
    mood = mind.mood()
    if (failed := await _misbehave(request, mood)) is not None:
        return failed
    answer = mind.answer(body, mood)
    if body.get("stream"):
        return await _stream(request, body, answer)
    message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.tool_calls:
        message["tool_calls"] = answer.tool_calls
    await asyncio.sleep(mind.token_delay * len(answer.pieces()))
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer), "logprobs": None}
    return web.json_response({**_head(body, "chat.completion"), "choices": [choice], "usage": _usage(body, answer)})


async def _stream(request: web.Request, body: Json, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    head = _head(body, "chat.completion.chunk")
    with suppress(ConnectionResetError):
        await _event(response, {**head, "choices": [_choice({"role": "assistant", "content": ""})]})
        async for delta in _deltas(request, answer):
            await _event(response, {**head, "choices": [_choice(delta)]})
        await _event(response, {**head, "choices": [_choice({}, _finish(answer))]})
        if (body.get("stream_options") or {}).get("include_usage"):
            await _event(response, {**head, "choices": [], "usage": _usage(body, answer)})
        await response.write(b"data: [DONE]\n\n")
    return response


async def _deltas(request: web.Request, answer: Answer) -> AsyncIterator[Json]:
    """The pieces of an answer; the gate and the delay stand before them."""
    mind, gate = request.app[MIND], request.app[GATE]
    for index, call in enumerate(answer.tool_calls):
        arguments = call["function"]["arguments"]
        yield {
            "tool_calls": [{**call, "index": index, "function": {"name": call["function"]["name"], "arguments": ""}}]
        }
        pieces = Answer(arguments).pieces()
        for at, piece in enumerate(pieces):
            await asyncio.sleep(mind.token_delay)
            if at == len(pieces) - 1:
                await gate.passed()
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
    if answer.tool_calls:
        return
    pieces = answer.pieces()
    for at, piece in enumerate(pieces):
        await asyncio.sleep(mind.token_delay)
        if at == len(pieces) - 1:
            await gate.passed()
        yield {"content": piece}


async def _event(response: web.StreamResponse, data: Json) -> None:
    await response.write(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())


def _head(body: Json, kind: str) -> Json:
    stamp = time.time_ns()
    return {"id": f"chatcmpl-{stamp:x}", "object": kind, "created": stamp // 10**9, "model": body["model"]}


def _choice(delta: Json, finish: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}


def _finish(answer: Answer) -> str:
    return "tool_calls" if answer.tool_calls else "stop"


def _usage(body: Json, answer: Answer) -> Json:
    asked = sum(len(str(each.get("content") or "")) for each in body["messages"])
    said = len(answer.text) + sum(len(each["function"]["arguments"]) for each in answer.tool_calls)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


async def embeddings(request: web.Request) -> web.StreamResponse:
    body = await _asked(request)
    if isinstance(body, web.Response):
        return body
    if (failed := await _misbehave(request, request.app[MIND].mood())) is not None:
        return failed
    given = body.get("input")
    texts: list[Any] = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
    if any(each in (None, "") for each in texts):
        return problem(400, "invalid_request_error", "input is empty")
    size = int(body.get("dimensions") or 256)
    # A list of token numbers stands for a text whose words this model does not know; it gets a vector all the same.
    vectors = [embed(each if isinstance(each, str) else str(each), size) for each in texts]
    packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": at, "embedding": _packed(vector) if packed else vector}
        for at, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})


def _packed(vector: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


async def models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "stub", "object": "model", "owned_by": "tests"}]})


async def change(request: web.Request) -> web.Response:
    """Order a behaviour, a script, a delay or the gate, from another process."""
    given, mind, gate = await request.json(), request.app[MIND], request.app[GATE]
    if "behaviour" in given:
        mind.behaviour = Behaviour(given["behaviour"])
        mind.times = int(given.get("times", -1))
    mind.script.extend(given.get("script", []))
    mind.token_delay = float(given.get("token_delay", mind.token_delay))
    mind.hang_seconds = float(given.get("hang_seconds", mind.hang_seconds))
    if "gate" in given:
        gate.open() if given["gate"] == "open" else gate.shut()
    return web.json_response({"behaviour": mind.behaviour, "waiting": gate.waiting, "scripted": len(mind.script)})


async def log(request: web.Request) -> web.Response:
    return web.json_response({"requests": request.app[MIND].requests, "waiting": request.app[GATE].waiting})


def make_app(mind: Mind) -> web.Application:
    async def open_gate(app: web.Application) -> None:
        app[GATE] = Gate()

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app[MIND] = mind
    app.on_startup.append(open_gate)
    app.add_routes([
        web.post("/v1/chat/completions", chat),
        web.post("/v1/embeddings", embeddings),
        web.get("/v1/models", models),
        web.patch("/_control", change),
        web.get("/_control", log),
    ])  # fmt: skip
    return app
