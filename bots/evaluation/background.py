"""Computing what `bots.retrieval` ships about everyday questions, from the development split of our own set."""

from pathlib import Path

import numpy as np

from bots.evaluation.sets import own_set
from bots.retrieval.background import Background, write_background
from bots.retrieval.normalise import language_of, normalise
from bots.retrieval.types import Embedder


def build_background(embedder: Embedder) -> Background:
    """Take centres over all development questions and decoys from those out of scope; never the test split."""
    development = own_set().part("dev")
    decoys = [query.question for query in development.queries if query.expect is None]
    everyday = [query.question for query in development.queries]
    languages = np.array([language_of(text) for text in everyday])
    vectors = embedder.embed_queries([normalise(text) for text in everyday])
    return Background(
        model_id=embedder.model_id,
        centres={language: vectors[languages == language].mean(axis=0) for language in ("en", "zh")},
        decoys=decoys,
        decoy_languages=[language_of(text) for text in decoys],
        decoy_vectors=embedder.embed_queries([normalise(text) for text in decoys]),
    )


def rebuild_background(embedder: Embedder, path: Path) -> None:
    """Write the background anew, after a change of the model or of the development split."""
    write_background(build_background(embedder), path)
