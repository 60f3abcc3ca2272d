"""The network of a method that is told labels by name: image tower, head, and the labels."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.compounds import Compounds
from pipeline_lib.families.open_vocabulary.losses import score_scale
from pipeline_lib.families.open_vocabulary.prompts import TunedPrompt
from pipeline_lib.families.open_vocabulary.settings import OpenSettings, ZeroShot
from pipeline_lib.families.open_vocabulary.settings import Student as StudentSettings
from pipeline_lib.families.open_vocabulary.student import BATCH, Student
from pipeline_lib.families.open_vocabulary.vocabulary import Labels, Vocabulary
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.network import Network, Problem, Scores

UNTRAINED = StudentSettings(trained_blocks=0)


class OpenNetwork(Network):
    """An image tower and a head, and the labels that they are asked about.

    A *head* is a module ``head(seen, labels) -> scores (batch, scored)`` whose weights name no
    label, so that it can be asked for labels that training never saw.

    Args:
        student: the image tower.
        head: of the method.
        vocabulary: what is known of the labels.
        asked: the labels that get a score, in its order; None for all. Others may inform them.
        scale: from scores to what the loss takes the sigmoid of. Scores are given without it.
        prompt: the words that are to be tuned, if any are; ``put_prompt`` makes texts of them.
    """

    texts: Tensor
    neighbours: Tensor
    seen: Tensor
    relation: str | None = None  # the source of the lists of neighbours; None where none are asked
    compounds_of: Compounds | None = None  # of new labels, where labels have any
    borrowed = ("student.visual.",)

    def __init__(
        self,
        student: Student,
        head: nn.Module,
        vocabulary: Vocabulary,
        *,
        scale: nn.Module,
        prompt: TunedPrompt | None = None,
        asked: Int[Tensor, " asked"] | None = None,
    ) -> None:
        super().__init__()
        self.asked = asked
        self.student, self.head, self.scale, self.prompt = student, head, scale, prompt
        for name, value in vars(vocabulary).items():
            self.register_buffer(name, value, persistent=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """What is known of the labels, where the network is."""
        return Vocabulary(**{field.name: getattr(self, field.name) for field in fields(Vocabulary)})

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Load a kept state, and let labels have the vectors that a tuned prompt gives them."""
        super().restore(state)
        self.put_prompt()

    @torch.no_grad()
    def put_prompt(self) -> None:
        """Let labels have the vectors that the tuned prompt gives them."""
        if self.prompt is not None:
            self.texts.copy_(self.prompt(torch.arange(len(self.texts), device=self.texts.device)))

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch labels"]:
        """Return the scores of all labels."""
        scores: Tensor = self.head(self.student(images), self._calls()[0])
        return scores

    def standalone(self) -> nn.Module:
        """Return what maps images to the scores of all labels, as of now."""
        return _Standalone(self.student, self.head, self._calls()[0])

    def of_labels(self, vocabulary: Vocabulary, asked: Int[Tensor, " asked"]) -> "OpenNetwork":
        """Return the network with the same weights that is asked for other labels."""
        found = OpenNetwork(self.student, self.head, vocabulary, scale=self.scale, asked=asked)
        return found.eval()

    @torch.no_grad()
    def score(self, pictures: Pictures[Tensor]) -> Scores:
        """Score pictures for all labels, and for the unseen ones alone; each is encoded once."""
        self.eval()
        arranged, places = self.arranged(pictures)
        calls = self._calls()
        scores: list[list[Tensor]] = [[] for _ in calls]
        pooled = []
        for images in arranged.batches(BATCH):
            seen: Seen = self.student(images)
            pooled.append(seen.pooled.float().cpu())
            for found, labels in zip(scores, calls, strict=True):
                found.append(self.head(seen, labels).float().cpu())
        of_all, *of_unseen = [torch.cat(found)[places] for found in scores]
        return Scores(of_all, torch.cat(pooled)[places], *of_unseen)

    @property
    def mixes(self) -> bool:
        """Whether a part of the head has an attribute ``mixes`` that says so."""
        return any(getattr(part, "mixes", False) for part in self.head.modules())

    def _calls(self) -> list[Labels]:
        vocabulary = self.vocabulary
        if self.asked is not None:
            return [replace(vocabulary.gzsl(), scored=self.asked)]
        return [vocabulary.gzsl(), *([vocabulary.zsl()] if len(vocabulary.unseen) else [])]

    def moved(self, start: nn.Module) -> dict[str, Tensor]:
        """Return the state without what is as in ``start``, the image tower it was built from.

        Statistics of batch norms move without a gradient; whoever has the tower and the state has
        the network.
        """
        known = {f"student.visual.{name}": value for name, value in start.state_dict().items()}
        return {
            name: value
            for name, value in self.state_dict().items()
            if name not in known or not torch.equal(value, known[name])
        }


class _Standalone(nn.Module):
    """An image tower and a head that is asked for the same labels in every call."""

    def __init__(self, student: Student, head: nn.Module, labels: Labels) -> None:
        super().__init__()
        self.student, self.head, self.labels = student, head, labels

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch labels"]:
        """Return the scores of the labels."""
        scores: Tensor = self.head(self.student(images), self.labels)
        return scores


def build_open(
    head: nn.Module,
    problem: Problem[Tensor],
    knowledge: Mapping[str, Tensor],
    towers: Any,
    settings: OpenSettings | ZeroShot,
    *,
    relation: str | None = None,
    compounds: Compounds | None = None,
) -> OpenNetwork:
    """Put a head on the image tower.

    ``relation`` names the lists of neighbours that it asks, if any, and ``compounds`` makes
    sentences of labels and those.
    """
    mode = settings.prompts.name
    own = settings.student if isinstance(settings, OpenSettings) else UNTRAINED
    vocabulary = Vocabulary.of(
        knowledge, problem.classes, dims=towers.dims, mode=mode, relation=relation
    )
    if compounds is not None:
        made = compounds(problem.names, vocabulary.neighbours, problem.names)
        vocabulary = replace(vocabulary, compounds=made)
    network = OpenNetwork(
        Student(towers.visual, own),
        head,
        vocabulary,
        scale=score_scale(settings.loss),
        prompt=TunedPrompt(towers.text, vocabulary) if mode == "tuning" else None,
    )
    network.relation, network.compounds_of = relation, compounds
    return network
