"""Sentences that name a label together with another one, as vectors of the text tower."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.settings import PLACE
from pipeline_lib.nn.shapes import Float, Int


class Compounds:
    """Vectors of "A photo of a {} and a {}" for each label and those that inform it.

    Args:
        text: the text tower, which stays as it is.
        sentence: with a place for the label and one for the other.
        most: others of a label at most, the first of its list.
    """

    def __init__(self, text: Any, sentence: str, most: int) -> None:
        self._text, self._sentence, self._most = text, sentence, most

    def __call__(
        self, names: Sequence[str], neighbours: Int[Tensor, "labels K"], others: Sequence[str]
    ) -> Float[Tensor, "labels most dims"]:
        """Return vectors of unit length; zeros where a label has fewer others.

        Args:
            names: of the labels.
            neighbours: who informs each, as indices of ``others``, or -1.
            others: their names.
        """
        lists = neighbours[:, : self._most].tolist()
        pairs = [(a, others[j]) for a, row in zip(names, lists, strict=True) for j in row if j >= 0]
        different = list(dict.fromkeys(pairs))
        sentences = [self._written(*pair) for pair in different]
        vectors = F.normalize(self._text.sentences(sentences or list(names[:1])), dim=1).cpu()
        place = {pair: row for row, pair in enumerate(different)}
        empty = len(vectors)
        rows = [
            [place[(a, others[j])] if j >= 0 else empty for j in row]
            for a, row in zip(names, lists, strict=True)
        ]
        return torch.cat([vectors, vectors.new_zeros(1, vectors.shape[1])])[torch.tensor(rows)]

    def _written(self, name: str, other: str) -> str:
        before, between, behind = self._sentence.split(PLACE)
        return f"{before}{name}{between}{other}{behind}"
