"""What the model says: it quotes the chunks that it was given, or misbehaves as ordered."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]

DIMENSION = 256
# The forms in which prompts commonly quote: <chunk id="x">text</chunk> · {"id": "x", "text": …} · [x] text
CHUNK_FORMS = (
    re.compile(r"<(?:chunk|source|document|doc|passage)\s+id=[\"']([^\"']+)[\"'][^>]*>(.*?)</", re.DOTALL),
    re.compile(r"\{\"id\":\s*\"?([^\",]+)\"?,.*?\"(?:text|content|answer|body)\":\s*\"((?:[^\"\\]|\\.)*)\"", re.DOTALL),
    re.compile(r"^\s*\[([A-Za-z0-9_:\-]+)\]\s*(.+?)(?=^\s*\[[A-Za-z0-9_:\-]+\]|\Z)", re.DOTALL | re.MULTILINE),
)
INJECTION = re.compile(
    r"ignore (?:all|any|the|previous)|disregard|忽略(?:以上|之前|前面|所有)|无视|输出|reveal|system prompt|系统提示",
    re.IGNORECASE,
)


class Behaviour(StrEnum):
    """How the model behaves until told otherwise."""

    QUOTE = "quote"
    OBEY = "obey_injection"
    MALFORMED = "malformed_json"
    CITE_NOTHING = "cite_nothing"
    CITE_UNKNOWN = "cite_unknown"
    REFUSE = "refuse"
    HANDOVER = "handover"
    UNKNOWN_ACTION = "unknown_action"
    EMPTY = "empty"
    ERROR_500 = "error_500"
    ERROR_429 = "error_429"
    HANG = "hang"
    DROP = "drop"


@dataclass
class Answer:
    """What one request gets: text, or tool calls, and the pieces that a stream sends."""

    text: str
    tool_calls: list[Json] = field(default_factory=list)

    def pieces(self, size: int = 6) -> list[str]:
        return [self.text[at : at + size] for at in range(0, len(self.text), size)] or [""]


@dataclass
class Mind:
    """The model's mood, its script and its memory of what it was asked."""

    behaviour: Behaviour = Behaviour.QUOTE
    times: int = -1
    token_delay: float = 0.0
    hang_seconds: float = 60.0
    script: deque[str | Json] = field(default_factory=deque)
    requests: list[Json] = field(default_factory=list)
    actions: tuple[str, str, str] = ("answer", "refuse", "handover")

    def mood(self) -> Behaviour:
        """The behaviour for the next request; an ordered misbehaviour is used up."""
        current = self.behaviour
        if current is not Behaviour.QUOTE and self.times > 0:
            self.times -= 1
            if self.times == 0:
                self.behaviour, self.times = Behaviour.QUOTE, -1
        return current

    def answer(self, request: Json, mood: Behaviour) -> Answer:
        if self.script:
            scripted = self.script.popleft()
            text = scripted if isinstance(scripted, str) else json.dumps(scripted, ensure_ascii=False)
            return self._shaped(request, text)
        if mood is Behaviour.MALFORMED:
            return self._shaped(request, '{"action": "answer", "answer": "龙井', broken=True)
        if mood is Behaviour.EMPTY:
            return Answer("")
        reply = self._reply(request, mood)
        if wants_json(request):
            return self._shaped(request, json.dumps(fit(reply, schema_of(request)), ensure_ascii=False))
        return Answer(str(reply["answer"]))

    def _reply(self, request: Json, mood: Behaviour) -> Json:
        answer, refuse, handover = self.actions
        chunks = chunks_of(request)
        question = question_of(request)
        if mood is Behaviour.OBEY and INJECTION.search(whole(request)):
            return {"action": answer, "answer": obeyed(request), "cited_ids": list(chunks)[:1]}
        if mood is Behaviour.REFUSE:
            return {"action": refuse, "answer": "", "cited_ids": []}
        if mood is Behaviour.HANDOVER:
            return {"action": handover, "answer": "", "cited_ids": []}
        if mood is Behaviour.UNKNOWN_ACTION:
            return {"action": "self_destruct", "answer": "好的", "cited_ids": list(chunks)[:1]}
        best = closest(question, chunks)
        if best is None:
            return {"action": refuse, "answer": "", "cited_ids": []}
        cited = {Behaviour.CITE_NOTHING: [], Behaviour.CITE_UNKNOWN: ["chunk-that-is-not-there"]}.get(mood, [best])
        return {"action": answer, "answer": chunks[best].strip(), "cited_ids": cited}

    def _shaped(self, request: Json, text: str, *, broken: bool = False) -> Answer:
        """As a tool call where the request forces or offers one for its structure, else as text."""
        tools = request.get("tools") or []
        choice = request.get("tool_choice")
        if not tools or choice == "none" or (choice in (None, "auto") and not broken and not text.startswith("{")):
            return Answer(text)
        name = choice["function"]["name"] if isinstance(choice, dict) else tools[0]["function"]["name"]
        digest = hashlib.sha256(text.encode()).hexdigest()[:20]
        return Answer("", [{"id": f"call_{digest}", "type": "function", "function": {"name": name, "arguments": text}}])


def whole(request: Json) -> str:
    return "\n".join(text_of(each) for each in request.get("messages", []))


def text_of(message: Json) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))


def question_of(request: Json) -> str:
    asked = [text_of(each) for each in request.get("messages", []) if each.get("role") == "user"]
    return asked[-1] if asked else ""


def chunks_of(request: Json) -> dict[str, str]:
    for form in CHUNK_FORMS:
        found = {key.strip(): _unescaped(text) for key, text in form.findall(whole(request))}
        if found:
            return found
    return {}


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')) if "\\" in text else text
    except ValueError:
        return text


def closest(question: str, chunks: dict[str, str]) -> str | None:
    """The chunk that shares most letter pairs with the question; None where none shares any."""
    asked = _pairs(question)
    scored = [(len(asked & _pairs(text)), key) for key, text in chunks.items()]
    best = max(scored, default=(0, ""))
    return best[1] if best[0] else None


def _pairs(text: str) -> set[str]:
    letters = re.sub(r"\W+", "", text.lower())
    return {letters[at : at + 2] for at in range(len(letters) - 1)}


def obeyed(request: Json) -> str:
    """What an obedient model would give away: its whole instructions and what it was told to print."""
    system = [text_of(each) for each in request.get("messages", []) if each.get("role") == "system"]
    return "INJECTED " + "\n".join([*system, question_of(request)])


def schema_of(request: Json) -> Json:
    form = request.get("response_format") or {}
    if form.get("type") == "json_schema":
        return dict(form["json_schema"].get("schema") or {})
    tools = request.get("tools") or []
    return dict(tools[0]["function"].get("parameters") or {}) if tools else {}


def wants_json(request: Json) -> bool:
    kind = (request.get("response_format") or {}).get("type", "text")
    return kind in ("json_object", "json_schema") or bool(request.get("tools"))


def fit(reply: Json, schema: Json) -> Json:
    """Fill whatever else a schema requires with the emptiest value that it allows."""
    fitted = {key: value for key, value in reply.items() if not schema.get("properties") or key in schema["properties"]}
    for name in schema.get("required", []):
        if name not in fitted:
            fitted[name] = _emptiest(schema["properties"].get(name, {}), schema)
    return fitted


def _emptiest(part: Json, schema: Json) -> Any:
    if "$ref" in part:
        part = schema.get("$defs", {}).get(part["$ref"].rsplit("/", 1)[-1], {})
    if "default" in part:
        return part["default"]
    if "enum" in part:
        return part["enum"][0]
    if "anyOf" in part:
        return (
            None if any(each.get("type") == "null" for each in part["anyOf"]) else _emptiest(part["anyOf"][0], schema)
        )
    empty: dict[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "array": [], "object": {}}
    return empty.get(str(part.get("type")))


def embed(text: str, dimension: int = DIMENSION) -> list[float]:
    """A hashed bag of letter pairs, of length one: alike texts point alike ways."""
    vector = [0.0] * dimension
    for pair in _pairs(text) | set(text.lower()):
        digest = hashlib.blake2b(pair.encode(), digest_size=8).digest()
        vector[int.from_bytes(digest[:4], "big") % dimension] += 1.0 if digest[4] % 2 else -1.0
    length = math.sqrt(sum(each * each for each in vector)) or 1.0
    return [each / length for each in vector]
