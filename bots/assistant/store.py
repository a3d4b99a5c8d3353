"""The index of each tenant's knowledge, kept in this process until something changes or memory is short."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection

from bots.assistant.models import AssistantSettings, PhraseVector
from bots.llm.embeddings import LOCAL_MODEL_ID
from bots.retrieval.index import Index, texts_to_embed
from bots.retrieval.semantic import VectorSet
from bots.retrieval.types import Entry, EntryKind, Thresholds, Vector
from crm.knowledge.selectors import current_revision, published_count, published_pieces
from guanxi.tenancy import TenantRef, require_tenant, tenant_scope

logger = logging.getLogger(__name__)
DEFAULT_BYTES = 256 * 1024 * 1024
QUICKLY_BUILT = 500
"""Entries that are indexed within a callback's time, about 0.5 ms each."""
_READ_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Shelf:
    """A tenant's index with the thresholds that belong to it."""

    stamp: str
    index: Index
    thresholds: Thresholds
    by_key: dict[str, Entry]


class _Shelves:
    """Least recently used tenants go first when the indexes together grow too large."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Shelf] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def get(self, tenant: str, stamp: str) -> Shelf | None:
        with self._lock:
            shelf = self._held.get(tenant)
            if shelf is None or shelf.stamp != stamp:
                return None
            self._held.move_to_end(tenant)
            return shelf

    def put(self, tenant: str, shelf: Shelf) -> None:
        most = int(getattr(settings, "GUANXI_INDEX_CACHE_BYTES", DEFAULT_BYTES))
        with self._lock:
            old = self._held.pop(tenant, None)
            self._bytes += shelf.index.nbytes - (old.index.nbytes if old else 0)
            self._held[tenant] = shelf
            while self._bytes > most and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._bytes -= gone.index.nbytes

    def builder(self, tenant: str) -> threading.Lock:
        with self._lock:
            return self._building.setdefault(tenant, threading.Lock())

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._bytes = 0


_shelves = _Shelves()


def forget_indexes() -> None:
    """Let go of every index of this process."""
    _shelves.clear()


def tenant_shelf(row: AssistantSettings) -> Shelf:
    """Return the present tenant's index for what is published now; one thread builds it, others wait."""
    tenant = require_tenant().schema
    stamp = _stamp(row)
    shelf = _shelves.get(tenant, stamp)
    if shelf is not None:
        return shelf
    with _shelves.builder(tenant):
        shelf = _shelves.get(tenant, stamp)
        if shelf is None:
            shelf = build_shelf(stamp, row)
            _shelves.put(tenant, shelf)
    return shelf


def shelf_at_hand(row: AssistantSettings) -> bool:
    """Whether a question needs no long wait: the index is there, or small enough to be built meanwhile.

    A large one is then built beside, for the questions that follow.
    """
    tenant = require_tenant()
    if _shelves.get(tenant.schema, _stamp(row)) is not None or published_count() <= QUICKLY_BUILT:
        return True
    if not _shelves.builder(tenant.schema).locked():
        threading.Thread(target=_build_beside, args=(tenant,), name=f"index-{tenant.schema}", daemon=True).start()
    return False


def _build_beside(tenant: TenantRef) -> None:
    try:
        with tenant_scope(tenant):
            tenant_shelf(AssistantSettings.objects.get(pk=1))
    except Exception:
        logger.exception("the index of %s could not be built", tenant.schema)
    finally:
        connection.close()


def _stamp(row: AssistantSettings) -> str:
    return f"{current_revision()}|{row.vector_model}|{row.vector_revision}"


def build_shelf(stamp: str, row: AssistantSettings) -> Shelf:
    """Build an index from what is published and the vectors that are there; without one, words must do."""
    entries = published_entries()
    vectors = stored_vectors(entries, row.vector_model) if row.vector_model == LOCAL_MODEL_ID else None
    return Shelf(stamp, Index(entries, vectors), Thresholds(**row.thresholds), {entry.key: entry for entry in entries})


def published_entries() -> list[Entry]:
    """Return the published knowledge as retrieval takes it."""
    return [
        Entry(
            key=piece.ref,
            question=piece.question,
            answer=piece.answer,
            similar=piece.similar,
            kind=EntryKind(piece.ref.partition(":")[0]),
            language=piece.language,
        )
        for piece in published_pieces()
    ]


def text_digest(text: str) -> bytes:
    """Return what a text's vector is found by."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def stored_vectors(entries: Sequence[Entry], model_id: str) -> VectorSet | None:
    """Return the vectors that are stored for these entries under one model, None without any."""
    questions, passages = texts_to_embed(entries)
    found_questions = load_vectors(model_id, PhraseVector.Role.QUESTION, questions)
    found_passages = load_vectors(model_id, PhraseVector.Role.PASSAGE, passages)
    if not found_questions:
        return None
    dimension = len(next(iter(found_questions.values())))
    return VectorSet(model_id, dimension, found_questions, found_passages)


def load_vectors(model_id: str, role: str, texts: Sequence[str]) -> dict[str, Vector]:
    """Return text → vector for those of the texts that have one."""
    by_digest = {text_digest(text): text for text in texts}
    digests = list(by_digest)
    found: dict[str, Vector] = {}
    for begin in range(0, len(digests), _READ_AT_ONCE):
        rows = PhraseVector.objects.filter(
            model_id=model_id, role=role, digest__in=digests[begin : begin + _READ_AT_ONCE]
        )
        for digest, stored in rows.values_list("digest", "vector"):
            found[by_digest[bytes(digest)]] = np.frombuffer(stored, dtype=np.float16).astype(np.float32)
    return found
