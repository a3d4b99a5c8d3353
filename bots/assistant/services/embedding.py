"""Embeds what is published, calibrates, and switches the tenant's index to it when everything is there."""

from collections.abc import Sequence

import numpy as np
from django.db import transaction

from bots.assistant import events
from bots.assistant.models import AssistantSettings, PhraseVector
from bots.assistant.services.settings import settings_row
from bots.assistant.store import load_vectors, published_entries, stored_vectors, text_digest
from bots.llm.embeddings import LocalEmbedder, local_embedder
from bots.retrieval.calibrate import calibrate
from bots.retrieval.index import Index, texts_to_embed
from crm.knowledge.selectors import current_revision
from guanxi.access import Actor
from guanxi.events.services import record_event
from guanxi.events.types import Audience

BATCH = 32


def embed_knowledge() -> bool:
    """Bring the vectors up to the published knowledge; return whether the index switched.

    It may run twice: what is there is not made again.

    Old vectors stay until every new one is there, so that search never mixes models and never goes without.
    """
    embedder = local_embedder()
    if embedder is None:
        return False
    revision = current_revision().number
    entries = published_entries()
    questions, passages = texts_to_embed(entries)
    _embed_missing(embedder, PhraseVector.Role.QUESTION, questions)
    _embed_missing(embedder, PhraseVector.Role.PASSAGE, passages)
    thresholds = calibrate(Index(entries, stored_vectors(entries, embedder.model_id)))
    with transaction.atomic():
        row = settings_row(lock=True)
        if row.vector_model == embedder.model_id and row.vector_revision >= revision:
            return False
        row.vector_model, row.vector_revision = embedder.model_id, revision
        row.thresholds = {name: getattr(thresholds, name) for name in thresholds.__dataclass_fields__}
        row.save(update_fields=["vector_model", "vector_revision", "thresholds"])
        record_event(
            events.VECTORS_READY,
            actor=Actor.system("knowledge was embedded"),
            aggregate=("assistant", 1),
            data={"revision": revision},
            audience=Audience(everyone=True),
        )
    return True


def _embed_missing(embedder: LocalEmbedder, role: str, texts: Sequence[str]) -> None:
    known = load_vectors(embedder.model_id, role, texts)
    missing = [text for text in texts if text not in known]
    for begin in range(0, len(missing), BATCH):
        batch = missing[begin : begin + BATCH]
        vectors = (
            embedder.embed_queries(batch) if role == PhraseVector.Role.QUESTION else embedder.embed_passages(batch)
        )
        PhraseVector.objects.bulk_create(
            [
                PhraseVector(
                    model_id=embedder.model_id,
                    dimension=embedder.dimension,
                    role=role,
                    digest=text_digest(text),
                    vector=vector.astype(np.float16).tobytes(),
                )
                for text, vector in zip(batch, vectors, strict=True)
            ],
            ignore_conflicts=True,
        )


def drop_unused_vectors() -> int:
    """Delete the vectors that no published text needs, and those of models no longer used; return how many."""
    row = AssistantSettings.objects.filter(pk=1).first()
    if row is None or not row.vector_model or row.vector_revision < current_revision().number:
        return 0
    questions, passages = texts_to_embed(published_entries())
    kept = {("q", text_digest(text)) for text in questions} | {("p", text_digest(text)) for text in passages}
    rows = PhraseVector.objects.values_list("pk", "model_id", "role", "digest")
    unused = [
        pk
        for pk, model_id, role, digest in rows.iterator()
        if model_id != row.vector_model or (role, bytes(digest)) not in kept
    ]
    PhraseVector.objects.filter(pk__in=unused).delete()
    return len(unused)
