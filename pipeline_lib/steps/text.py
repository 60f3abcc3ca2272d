"""Embed the names of categories with the source that params choose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline_lib.encoders.text import ngrams, sentence, vlp, words
from pipeline_lib.encoders.text.prompts import expand, fill
from pipeline_lib.encoders.text.unit import unit
from pipeline_lib.errors import InputError
from pipeline_lib.params.section import optional_path
from pipeline_lib.params.text import Ngrams, Text, Vlp, Words


@dataclass(frozen=True)
class Embedded:
    """The vectors of some names."""

    vectors: np.ndarray  # (names, dims) float32
    missing: list[str]  # names that the source knows nothing of; their rows are zero
    more: dict[str, np.ndarray] = field(default_factory=dict)  # what open-vocabulary methods read
    # besides: artifacts/text.py


def embed(names: Sequence[str], params: Text, device: str) -> Embedded:
    """Return one vector per name.

    ``words`` and ``ngrams`` embed the name itself. ``vlp`` and ``sentence`` embed it inside every
    prompt; the vectors of the prompts, each of length 1, are averaged (Radford et al. 2021).

    Deviation: C2SRT sums them; after normalisation that is the same vector.

    Raises:
        InputError: what the source complains about.
    """
    vectors, missing = _vectors(names, params, device)
    more = {}
    if isinstance(params.source, Vlp):
        more = _first_prompt(names, params.source, optional_path(params.path), device)
    if params.normalise:
        vectors = unit(vectors)
    return Embedded(np.ascontiguousarray(vectors, np.float32), missing, more)


def _first_prompt(
    names: Sequence[str], source: Vlp, folder: Path | None, device: str
) -> dict[str, np.ndarray]:
    """Return what the first prompt alone says of the names, and its tokens."""
    prompt = expand(source.prompts)[0]
    simple = unit(vlp.encode(fill([prompt], names), folder, device))
    found = vlp.prompted(names, prompt, folder)
    return {
        "simple": np.ascontiguousarray(simple, np.float32),
        "tokens": found.tokens,
        "places": found.places,
    }


def _vectors(names: Sequence[str], params: Text, device: str) -> tuple[np.ndarray, list[str]]:
    source, path = params.source, optional_path(params.path)
    if isinstance(source, Ngrams):
        dims, shortest, longest = source.dims, source.shortest, source.longest
        return ngrams.embed(names, dims=dims, shortest=shortest, longest=longest), []
    if isinstance(source, Words):
        if path is None:
            raise InputError(
                "text.path is data/none, expected a file of word vectors for text.source 'words'; "
                "name one, or choose text.source 'ngrams'"
            )
        return words.embed(names, path)
    encode = vlp.encode if isinstance(source, Vlp) else sentence.encode
    encoded = encode(fill(source.prompts, names), path, device)
    per_name = unit(encoded).reshape(len(names), len(expand(source.prompts)), -1)
    return per_name.mean(1), []
