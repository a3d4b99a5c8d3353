"""The LangChain side of a chat model: endpoint, structure, streaming, retriever; imported when one is asked."""

from collections.abc import Callable, Iterator
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.utils.json import parse_partial_json
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bots.llm.types import ModelSettings, Passage, Prompt
from guanxi.http.outbound import guarded_client


class Reply(BaseModel):
    """The form in which a model must answer."""

    # The model is told what is allowed; what it says all the same is read, and anything else hands over.
    action: str = Field(
        description="answer: the passages do; refuse: they do not; handover: a person should take over",
        json_schema_extra={"enum": ["answer", "refuse", "handover"]},
    )
    cited_ids: list[str] = Field(
        description="ids of the passages that the answer rests on; none for refuse and handover"
    )
    answer: str = Field(
        description="the answer in the customer's language, only from the passages; empty for refuse and handover"
    )


class PassageRetriever(BaseRetriever):
    """Our own search as a LangChain retriever: it runs in the caller's tenant scope over our own tables."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    find: Callable[[str], list[Passage]]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(page_content=found.text, metadata={"id": found.id, "title": found.title})
            for found in self.find(query)
        ]


def retrieve(find: Callable[[str], list[Passage]], query: str) -> list[Passage]:
    """Passages through the retriever interface, so that chains of other parts can use the same search."""
    documents = PassageRetriever(find=find).invoke(query)
    return [Passage(str(found.metadata["id"]), str(found.metadata["title"]), found.page_content) for found in documents]


def connect(settings: ModelSettings) -> BaseChatModel:
    """A client for any endpoint that speaks OpenAI's protocol; no second try, since a customer waits."""
    return init_chat_model(
        settings.model,
        # Said outright: by its name alone a model would be sought at its maker's, and not at the tenant's endpoint.
        model_provider="openai",
        base_url=settings.base_url,
        api_key=SecretStr(settings.api_key or "none"),
        temperature=settings.temperature,
        timeout=settings.timeout_seconds,
        max_retries=0,
        http_client=guarded_client(settings.timeout_seconds),
    )


def messages_of(prompt: Prompt) -> list[BaseMessage]:
    """The instructions with the passages, the talk so far, the question."""
    quoted = "\n".join(
        f'<chunk id="{passage.id}" title="{_inert(passage.title)}">{_inert(passage.text)}</chunk>'
        for passage in prompt.passages
    )
    messages: list[BaseMessage] = [SystemMessage(f"{prompt.instructions}\n\n{quoted}")]
    for by_customer, text in prompt.history:
        messages.append(HumanMessage(_inert(text)) if by_customer else AIMessage(text))
    messages.append(HumanMessage(_inert(prompt.question)))
    return messages


def _inert(text: str) -> str:
    # What customers and documents say must not be able to close or open a passage.
    return text.replace("<", "＜").replace(">", "＞").replace('"', "”")


def ask(model: BaseChatModel, prompt: Prompt) -> dict[str, Any]:
    """One whole structured reply."""
    structured = model.with_structured_output(Reply, method="json_schema", include_raw=True)
    result: Any = structured.invoke(messages_of(prompt))
    return _reply_of(result)


def stream(model: BaseChatModel, prompt: Prompt) -> Iterator[dict[str, Any]]:
    """The reply as far as it has come, again and again; the last one is whole."""
    bound = model.bind(
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "Reply", "strict": True, "schema": _strict_schema()},
        }
    )
    text = ""
    for chunk in bound.stream(messages_of(prompt)):
        text += str(chunk.text)
        partial = _partial(text)
        if partial is not None:
            yield partial
    yield Reply.model_validate_json(text).model_dump()


def _strict_schema() -> dict[str, Any]:
    return {**Reply.model_json_schema(), "additionalProperties": False}


def _partial(text: str) -> dict[str, Any] | None:
    try:
        found = parse_partial_json(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _reply_of(result: Any) -> dict[str, Any]:
    parsed = result.get("parsed") if isinstance(result, dict) else result
    if not isinstance(parsed, Reply):
        raise ValueError("the model did not answer in the agreed form")
    return parsed.model_dump()
