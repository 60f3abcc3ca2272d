"""Prompt tuning: learned vectors in the place of a prompt's own words (C2SRT Table 5, MKT stage 2).

The words of the first prompt are where it starts. The text tower stays as it is, and so do the
image tower and the head, which a first stage has trained with the prompt as it stands.

A step encodes the prompt around every name. Some names are encoded at a time, and once more in the
backward pass, so that what it takes in memory does not grow with the vocabulary.
"""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.losses import LabelLoss
from pipeline_lib.families.open_vocabulary.vocabulary import Labels, Vocabulary
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.training.data import Data
from pipeline_lib.training.loop import Task, Terms

AT_ONCE = 64  # names: 18 MiB each of the text tower of CLIP ViT-B/16, for its backward pass


class TunedPrompt(nn.Module):
    """Vectors of labels from a prompt whose words are learned."""

    tokens: Tensor
    places: Tensor

    def __init__(self, text: nn.Module, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._text = (text,)  # a tuple: its weights are not part of this module
        self.at_once = AT_ONCE
        self.register_buffer("tokens", vocabulary.tokens, persistent=False)
        self.register_buffer("places", vocabulary.places, persistent=False)
        count = int(vocabulary.places.max())
        if count == 0:
            raise InputError(
                "training: `prompts.name` is tuning, and the first of `text.source.prompts` has no "
                "words beside the name, or the model's tokenizer is not CLIP's; expected some, "
                'e.g. "There is a {} in the scene"'
            )
        where = [(vocabulary.places == place).nonzero()[0] for place in range(1, count + 1)]
        own = torch.stack([vocabulary.tokens[row, column] for row, column in where])
        embedding: nn.Embedding = text.embedding  # type: ignore[assignment]
        self.words = nn.Parameter(embedding(own).detach().clone())

    def forward(self, rows: Tensor) -> Float[Tensor, "labels dims"]:
        """Return the vectors of some labels, of unit length."""
        return self.vectors(self.tokens[rows], self.places[rows])

    def vectors(
        self, tokens: Int[Tensor, "labels length"], places: Int[Tensor, "labels length"]
    ) -> Float[Tensor, "labels dims"]:
        """Return those of any labels: the prompt around each, and which words are its own."""
        parts = [
            *zip(torch.split(tokens, self.at_once), torch.split(places, self.at_once), strict=True)
        ]
        again = len(parts) > 1 and torch.is_grad_enabled()
        found = [self._encoded(*part, again=again) for part in parts]
        return F.normalize(torch.cat(found).float(), dim=1)

    def _encoded(self, tokens: Tensor, places: Tensor, *, again: bool) -> Tensor:
        """Encode some names, ``again`` in the backward pass; the tower draws nothing at random."""
        text: Any = self._text[0]
        if not again:
            return cast(Tensor, text.with_words(tokens, places, self.words))
        return cast(
            Tensor,
            checkpoint(
                text.with_words, tokens, places, self.words,
                use_reentrant=False, preserve_rng_state=False,
            ),
        )  # fmt: skip


class PromptTask(Task):
    """The label loss of a model of which only the prompt is trained."""

    def __init__(
        self,
        student: nn.Module,
        head: nn.Module,
        prompt: TunedPrompt,
        loss: LabelLoss,
        data: Data[Tensor],
        vocabulary: Vocabulary,
    ) -> None:
        super().__init__()
        self.prompt, self.loss = prompt, loss
        self._fixed = (student.eval(), head.eval())
        self._data, self._labels = data, vocabulary.training()
        self._seen = torch.nonzero(vocabulary.seen).flatten()

    def begin_epoch(self, epoch: int) -> None:
        """Let the loss draw conclusions from the last epoch."""
        self.loss.begin_epoch(epoch)

    def groups(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Words do not decay: they are not weights of a map."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "weight_decay": 0.0}]

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss"."""
        student, head = self._fixed
        images = self._data.train.batch(positions)
        self.images_encoded += len(images)
        with torch.no_grad():
            seen = student(images)
        labels = Labels(self.prompt(self._seen), self._labels.neighbours, self._labels.scored)
        return {"loss": self.loss(head(seen, labels), positions)}
