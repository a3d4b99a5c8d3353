"""Asking a tenant's chat model: with a time limit, behind a circuit breaker, whole or streamed."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bots.llm.breaker import CircuitBreaker
from bots.llm.types import ModelReply, ModelSettings, ModelUnavailable, Passage, Prompt, TokenSink

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)
_breaker = CircuitBreaker(clock=time.monotonic)
_HELD_BACK = ("refuse", "handover")


def model_resting(settings: ModelSettings, tenant: str) -> bool:
    """Whether the breaker keeps calls back at this moment. Asking does not use up the trial call."""
    key = _key(settings, tenant)
    return not _breaker.peek(key)


def ask_model(settings: ModelSettings, prompt: Prompt, *, tenant: str, on_token: TokenSink | None = None) -> ModelReply:
    """Return what the model says; raise ModelUnavailable for whatever goes wrong, soon after the limit at most."""
    key = _key(settings, tenant)
    if not _breaker.allows(key):
        raise ModelUnavailable("model_resting", "the model has failed repeatedly and is left alone for a while")
    try:
        reply = _streamed(settings, prompt, on_token) if on_token is not None else _whole(settings, prompt)
    except Exception as problem:
        _breaker.failed(key)
        code = _code_of(problem)
        logger.warning("the model %s failed: %s (%s)", settings.model, code, type(problem).__name__)
        raise ModelUnavailable(code, type(problem).__name__) from problem
    _breaker.succeeded(key)
    return reply


def retrieve_passages(find: Callable[[str], list[Passage]], query: str) -> list[Passage]:
    """Find passages through LangChain's retriever interface."""
    from bots.llm.langchain_chat import retrieve

    return retrieve(find, query)


def check_model(settings: ModelSettings) -> None:
    """Ask for one word, for the settings page; raise ModelUnavailable with the reason."""
    prompt = Prompt("Answer with action answer.", "ping", [Passage("ping", "ping", "ping")])
    try:
        _whole(settings, prompt)
    except Exception as problem:
        raise ModelUnavailable(_code_of(problem), str(problem)[:200]) from problem


def _whole(settings: ModelSettings, prompt: Prompt) -> ModelReply:
    from bots.llm.langchain_chat import ask

    return _reply(ask(_client(settings), prompt))


def _streamed(settings: ModelSettings, prompt: Prompt, on_token: TokenSink) -> ModelReply:
    from bots.llm.langchain_chat import stream

    shown = ""
    last: Mapping[str, Any] = {}
    deadline = None
    for last in stream(_client(settings), prompt):
        # The client itself limits the wait for each piece; this limits the sum, from the first one on.
        deadline = deadline or time.monotonic() + settings.timeout_seconds
        if time.monotonic() > deadline:
            raise TimeoutError("the answer took too long")
        answer = str(last.get("answer") or "")
        # A refusal's words are never shown, and half a character of JSON may still change at the end.
        if last.get("action") in _HELD_BACK or not answer.startswith(shown) or len(answer) == len(shown):
            continue
        on_token(answer[len(shown) :])
        shown = answer
    return _reply(last)


@lru_cache(maxsize=64)
def _client(settings: ModelSettings) -> "BaseChatModel":
    from bots.llm.langchain_chat import connect

    return connect(settings)


def _reply(value: Mapping[str, Any]) -> ModelReply:
    cited = value.get("cited_ids") or ()
    return ModelReply(
        str(value.get("action") or ""), str(value.get("answer") or "").strip(), tuple(str(each) for each in cited)
    )


def _key(settings: ModelSettings, tenant: str) -> str:
    return f"{tenant}|{settings.base_url}|{settings.model}"


def _code_of(problem: Exception) -> str:
    if _refused_address(problem):
        return "model_address_refused"
    status = getattr(problem, "status_code", None)
    if status in (401, 403):
        return "model_key_refused"
    if status == 404:
        return "model_not_found"
    if status == 429:
        return "model_busy"
    name = type(problem).__name__
    if isinstance(problem, TimeoutError) or "Timeout" in name:
        return "model_timeout"
    if "Connection" in name:
        return "model_unreachable"
    return "model_error" if status else "model_malformed"


def _refused_address(problem: BaseException | None) -> bool:
    # The client wraps what its transport raises.
    while problem is not None:
        if type(problem).__name__ == "AddressRefused":
            return True
        problem = problem.__cause__ or problem.__context__
    return False
