"""Locked-image tuning: projections of two frozen towers into one space (Zhai et al., CVPR 2022)."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.steps.vlp.contrastive import MOST_SCALE, contrastive_loss
from pipeline_lib.steps.vlp.recall import recalls
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.loop import Task, Terms, by_decay


class Projections(nn.Module):
    """What is learned: both projections, without bias, and the factor of the cosines."""

    def __init__(
        self,
        image: Float[Tensor, "dims features"],
        text: Float[Tensor, "dims dims"],
        scale: float,
    ) -> None:
        super().__init__()
        self.image, self.text = nn.Parameter(image), nn.Parameter(text)
        self.logit_scale = nn.Parameter(torch.tensor(scale).log())

    def images(self, features: Float[Tensor, "images features"]) -> Float[Tensor, "images dims"]:
        """Return images in the joint space, of unit length."""
        return F.normalize(features @ self.image.T, dim=1)

    def texts(self, vectors: Float[Tensor, "texts dims"]) -> Float[Tensor, "texts dims"]:
        """Return texts in the joint space, of unit length."""
        return F.normalize(vectors @ self.text.T, dim=1)


@dataclass(frozen=True)
class Captioned:
    """Images with the captions of each, encoded by the frozen towers."""

    features: Float[Tensor, "images features"]
    captions: Float[Tensor, "captions dims"]
    counts: Tensor  # (images,) int64: captions of each image, at least one

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def owners(self) -> Tensor:
        """The image of each caption, (captions,) int64."""
        return torch.arange(len(self)).repeat_interleave(self.counts)


@dataclass(frozen=True)
class Anchors:
    """Rows of the trunk's classifier, and the names of its classes."""

    rows: Float[Tensor, "classes features"]  # centred
    names: Float[Tensor, "classes dims"]


def without(direction: Float[Tensor, " dims"]) -> Float[Tensor, "dims dims"]:
    """Return the projection that takes a direction away: what all captions have in common."""
    unit = F.normalize(direction, dim=0)
    return torch.eye(len(unit)) - torch.outer(unit, unit)


def ridge(
    rows: Float[Tensor, "classes features"],
    vectors: Float[Tensor, "classes dims"],
    *,
    penalty: float,
) -> Float[Tensor, "dims features"]:
    """Return the linear map from a classifier's rows to vectors of the names of its classes.

    Both are centred. A feature that speaks for a class then speaks for what is called alike.
    """
    x, y = ((one - one.mean(0)).double() for one in (rows, vectors))
    gram = x.T @ x + penalty * torch.eye(x.shape[1], dtype=torch.float64)
    found: Tensor = torch.linalg.solve(gram, x.T @ y)
    return found.T.float().contiguous()


def as_wide(projection: Float[Tensor, "dims features"]) -> Float[Tensor, "dims features"]:
    """Scale a projection to the deviation of a random one, which no cosine sees.

    An optimiser whose steps have one size whatever the weights, as AdamW, would else forget in a
    few steps what the entries of a ridge regression say, which are several times smaller.
    """
    deviation = (3 * projection.shape[1]) ** -0.5  # of what ``at_random`` draws
    wide: Tensor = projection * (deviation / projection.std())
    return wide


def at_random(dims: int, features: int, seed: int) -> Float[Tensor, "dims features"]:
    """Return a projection as torch begins a linear layer."""
    most = features**-0.5
    return torch.empty(dims, features).uniform_(-most, most, generator=generator("lit", seed))


class LitTask(Task):
    """The contrastive loss of projected pairs, and of a classifier's rows and names.

    The projections of the epoch that finds most captions of ``val`` are kept; without any, those of
    the last epoch.
    """

    recalls: Tensor
    best: Tensor

    def __init__(
        self,
        start: Projections,
        train: Captioned,
        val: Captioned | None,
        anchors: Anchors | None,
        *,
        weight: float,
        epochs: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.now = start
        self.kept = Projections(start.image.detach().clone(), start.text.detach().clone(), 1.0)
        self.kept.requires_grad_(False)
        self._train, self._val, self._anchors = train, val, anchors
        self._weight, self._seed = weight, seed
        self._first = train.counts.cumsum(0) - train.counts
        self._drawn = generator("captions", seed)
        self.register_buffer("recalls", torch.zeros(epochs, 3))  # at 1, 5 and 10
        self.register_buffer("best", torch.tensor(-1))  # the epoch that is kept

    def begin_epoch(self, epoch: int) -> None:
        """Draw captions from a generator of the epoch's own."""
        self._drawn = generator("captions", self._seed, epoch)

    def groups(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Matrices decay; the scale does not."""
        return by_decay({"params": list(self.now.parameters())}, recipe.optimizer.weight_decay)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss" and its parts, "captions" and "anchors"."""
        share = torch.rand(len(positions), generator=self._drawn)
        one = self._first[positions] + (share * self._train.counts[positions]).long()
        terms = {"captions": self._loss(self._train.features[positions], self._train.captions[one])}
        if self._anchors is not None:
            terms["anchors"] = self._loss(self._anchors.rows, self._anchors.names)
        total = terms["captions"] + self._weight * terms.get("anchors", torch.zeros(()))
        return {"loss": total, **terms}

    def end_epoch(self, epoch: int, loss: float) -> None:
        """Look for the captions of val, and keep the projections if more were found."""
        if self._val is not None:
            self.recalls[epoch] = self.recall(self.now).mean(0)
        before = self.recalls[self.best].mean() if self.best >= 0 else -1.0
        if self._val is None or self.recalls[epoch].mean() > before:
            self.kept.load_state_dict(self.now.state_dict())
            self.best.fill_(epoch)

    @torch.no_grad()
    def recall(self, projections: Projections) -> Float[Tensor, "images 3"]:
        """Return the share of each val image's captions that find it among the first 1, 5, 10."""
        assert self._val is not None
        device = projections.image.device
        images = projections.images(self._val.features.to(device))
        texts = projections.texts(self._val.captions.to(device))
        return recalls(images, texts, self._val.owners.to(device))

    def _loss(self, features: Tensor, texts: Tensor) -> Tensor:
        now, device = self.now, self.now.image.device
        scale = now.logit_scale.exp().clamp(max=MOST_SCALE)
        images = now.images(features.to(device))
        return contrastive_loss(images, now.texts(texts.to(device)), scale)
