"""What everyday questions look like to a model: the centre of each language, and what no shop answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from bots.retrieval.types import Matrix, Vector

FILE = "background.npz"


@dataclass(frozen=True, slots=True)
class Background:
    """Computed once per model and shipped; every index measures a question against it."""

    model_id: str
    centres: Mapping[str, Vector]
    decoys: Sequence[str]
    decoy_languages: Sequence[str]
    decoy_vectors: Matrix


@cache
def shipped_background() -> Background:
    """The background of the embedded model."""
    with resources.files("bots.retrieval").joinpath("data", FILE).open("rb") as stored, np.load(stored) as arrays:
        languages = [str(name) for name in arrays["languages"]]
        return Background(
            model_id=str(arrays["model_id"]),
            centres={name: arrays["centres"][at].astype(np.float32) for at, name in enumerate(languages)},
            decoys=[str(text) for text in arrays["decoys"]],
            decoy_languages=[str(name) for name in arrays["decoy_languages"]],
            decoy_vectors=arrays["decoy_vectors"].astype(np.float32),
        )


def background_of(model_id: str) -> Background | None:
    """The background for a model, or nothing where we ship none."""
    shipped = shipped_background()
    return shipped if shipped.model_id == model_id else None


def write_background(background: Background, path: Path) -> None:
    """Store a background in half precision."""
    languages = sorted(background.centres)
    np.savez_compressed(
        path,
        model_id=np.array(background.model_id),
        languages=np.array(languages),
        centres=np.array([background.centres[name] for name in languages], dtype=np.float16),
        decoys=np.array(list(background.decoys)),
        decoy_languages=np.array(list(background.decoy_languages)),
        decoy_vectors=background.decoy_vectors.astype(np.float16),
    )
