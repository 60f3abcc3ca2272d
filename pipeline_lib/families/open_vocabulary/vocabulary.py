"""What open-vocabulary methods know of labels: vectors of their names, and who informs whom."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.nn.shapes import Bool, Float, Int


@dataclass(frozen=True)
class Labels:
    """The labels of one call.

    Labels beside the scored ones are there because they inform others.
    """

    texts: Float[Tensor, "labels dims"]  # unit length
    neighbours: Int[Tensor, "labels K"]  # rows of ``texts``, best first, -1 where there are fewer
    scored: Int[Tensor, " scored"]  # rows of ``texts``, in the order of the scores
    compounds: Float[Tensor, "labels most dims"] | None = None  # sentences of each and another

    @property
    def scored_texts(self) -> Float[Tensor, "scored dims"]:
        """The vectors of the labels that get a score."""
        return self.texts[self.scored]


@dataclass(frozen=True)
class Vocabulary:
    """All labels of a data set, as the artifact of ``text`` has them, and who informs whom."""

    texts: Float[Tensor, "labels dims"]  # unit length
    neighbours: Int[Tensor, "labels K"]
    seen: Bool[Tensor, " labels"]
    tokens: Int[Tensor, "labels length"]  # of the first prompt, and …
    places: Int[Tensor, "labels length"]  # … its own words by number, from 1
    compounds: Float[Tensor, "labels most dims"] | None = None  # sentences of each label and of one
    # that informs it, where a method asks for them; zeros where there are fewer

    @classmethod
    def of(
        cls,
        arrays: Mapping[str, Tensor],
        labels: int,
        *,
        dims: int,
        mode: str,
        relation: str | None,
    ) -> "Vocabulary":
        """Read the tensors.

        Args:
            arrays: the tensors.
            labels: how many the targets have.
            dims: of the model's joint space.
            mode: "simple", "ensemble" or "tuning", whose prompts stand for a label.
            relation: the source of the lists of neighbours, or "merged"; None for no neighbours.

        Raises:
            InputError: they are another stage's, of other labels, or of another source than the
                model's text tower.
        """
        refuse_without(arrays, "embeddings", "seen", stage="text")
        found = arrays["embeddings"]
        if len(found) != labels:
            raise InputError(
                f"training: there are vectors of {len(found)} names, expected {labels}, those of "
                "the targets; re-run `dvc repro text`"
            )
        if "tokens" not in arrays or found.shape[1] != dims:
            raise InputError(
                f"training: the labels have vectors of {found.shape[1]} dimensions that are not of "
                f"the model's text tower, whose space has {dims}; choose `text.source` vlp, and "
                "set `text.path` to the run's `weights`"
            )
        texts = found if mode == "ensemble" else arrays["simple"]
        return cls(
            torch.nn.functional.normalize(texts.float(), dim=1),
            _neighbours(arrays, labels, relation),
            arrays["seen"].bool(),
            arrays["tokens"].long(),
            arrays["places"].long(),
        )

    def with_more(
        self,
        texts: Float[Tensor, "more dims"],
        tokens: Int[Tensor, "more length"],
        places: Int[Tensor, "more length"],
        neighbours: Int[Tensor, "more K"],
        compounds: Float[Tensor, "more most dims"] | None = None,
    ) -> "Vocabulary":
        """Return these labels and, behind them, more that training never saw."""
        return Vocabulary(
            torch.cat([self.texts, texts]),
            torch.cat([self.neighbours, neighbours]),
            torch.cat([self.seen, self.seen.new_zeros(len(texts))]),
            torch.cat([self.tokens, tokens]),
            torch.cat([self.places, places]),
            None
            if self.compounds is None or compounds is None
            else torch.cat([self.compounds, compounds]),
        )

    @property
    def unseen(self) -> Int[Tensor, " unseen"]:
        """The indices of the labels that training never sees."""
        return torch.nonzero(~self.seen).flatten()

    def training(self) -> Labels:
        """Return the seen labels alone, renumbered: nothing of an unseen one gets into training."""
        kept = torch.nonzero(self.seen).flatten()
        number = kept.new_full((len(self.seen) + 1,), -1)  # on their device: it is indexed there
        number[kept] = torch.arange(len(kept), device=kept.device)
        neighbours = number[self.neighbours[kept]]  # -1 is the last entry, which is -1
        compounds = None if self.compounds is None else self.compounds[kept]
        return Labels(self.texts[kept], neighbours, torch.arange(len(kept)), compounds)

    def gzsl(self) -> Labels:
        """Return all labels, all of them scored: generalised zero-shot learning."""
        every = torch.arange(len(self.texts))
        return Labels(self.texts, self.neighbours, every, self.compounds)

    def zsl(self) -> Labels:
        """Return all labels, the unseen ones scored: zero-shot learning."""
        return Labels(self.texts, self.neighbours, self.unseen, self.compounds)


def _neighbours(
    arrays: Mapping[str, Tensor], labels: int, relation: str | None
) -> Int[Tensor, "labels K"]:
    """Return the lists of one source; no columns where none is asked."""
    if relation is None:
        return torch.empty((labels, 0), dtype=torch.long)
    refuse_without(arrays, "neighbours", stage="category_graph")
    name = "neighbours" if relation == "merged" else f"neighbours.{relation}"
    if name not in arrays:
        known = sorted(n.partition(".")[2] for n in arrays if n.startswith("neighbours."))
        raise InputError(
            f"training: the relation '{relation}' was not mined, expected merged or one of "
            f"{', '.join(known)}; add it to `category_graph.beside`"
        )
    if len(arrays[name]) != labels:
        raise InputError(
            f"training: the lists of neighbours are of {len(arrays[name])} labels, expected "
            f"{labels}, those of the targets; re-run `dvc repro category_graph`"
        )
    return arrays[name].long()
