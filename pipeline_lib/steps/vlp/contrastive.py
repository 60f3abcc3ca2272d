"""Train two towers on pairs of image and caption, as CLIP is (Radford et al. 2021, Fig. 3)."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.loop import Task, Terms, by_decay

MOST_SCALE = 100.0  # Radford et al. 2021, Sec. 2.5
Texts = Callable[[list[int], torch.Generator], Int[Tensor, "batch length"]]
"""The tokens of what stands for some captions, by position; may be drawn."""


def contrastive_loss(
    images: Float[Tensor, "batch dims"],
    texts: Float[Tensor, "batch dims"],
    scale: Float[Tensor, ""],
) -> Float[Tensor, ""]:
    """Cross-entropy of which text belongs to an image, and of which image to a text.

    Both are of unit length; pair i is row i of either.
    """
    logits = scale * images @ texts.T
    own = torch.arange(len(images), device=images.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


class ContrastiveTask(Task):
    """The contrastive loss of a model with ``visual``, ``encode_text`` and ``logit_scale``.

    Of the token embedding only the rows that occur are trained; the others would only decay.
    """

    def __init__(
        self,
        model: nn.Module,
        pictures: Pictures[Tensor],
        texts: Texts,
        occurring: Int[Tensor, " tokens"],
        *,
        augmentation: str,
        seed: int,
    ) -> None:
        super().__init__()
        self.model = model
        self._pictures, self._texts, self._seed = pictures, texts, seed
        self._augment = Augmenter(augmentation, seed)
        self._drawn = generator("texts", seed)
        self._full: nn.Embedding = model.token_embedding  # type: ignore[assignment]
        number = torch.zeros(self._full.num_embeddings, dtype=torch.long)
        number[occurring] = torch.arange(len(occurring))
        self._occurring = occurring
        model.token_embedding = _Rows(self._full.weight[occurring], number)

    def begin_epoch(self, epoch: int) -> None:
        """Draw augmentation and texts from generators of their own."""
        self._augment.begin_epoch(epoch)
        self._drawn = generator("texts", self._seed, epoch)

    def groups(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Matrices decay; norms, biases and the scale do not."""
        parameters = [p for p in self.parameters() if p.requires_grad]
        return by_decay({"params": parameters}, recipe.optimizer.weight_decay)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss"."""
        model: Any = self.model
        images = self._augment(self._pictures.batch(positions))
        self.images_encoded += len(images)
        tokens = self._texts(positions.tolist(), self._drawn).to(images.device)
        return {
            "loss": contrastive_loss(
                F.normalize(model.visual(images), dim=1),
                F.normalize(model.encode_text(tokens), dim=1),
                model.logit_scale.exp().clamp(max=MOST_SCALE),
            )
        }

    def finish(self) -> nn.Module:
        """Put the trained rows back into the whole embedding, and return the model."""
        rows: _Rows = self.model.token_embedding  # type: ignore[assignment]
        with torch.no_grad():
            self._full.weight[self._occurring] = rows.weight.cpu()
        self.model.token_embedding = self._full
        return self.model.cpu().eval()


class _Rows(nn.Module):
    """Some rows of an embedding."""

    number: Tensor

    def __init__(self, rows: Tensor, number: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(rows.detach().clone())
        self.register_buffer("number", number, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return F.embedding(self.number[tokens], self.weight)
