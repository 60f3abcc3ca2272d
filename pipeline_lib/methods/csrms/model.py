"""The network of CSRMS: encoder, smoothing, prototypes, and the two classifiers."""

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms import liveness, smoothing
from pipeline_lib.methods.csrms.settings import MIXING, JsLoss, Settings
from pipeline_lib.nn.classification import posterior
from pipeline_lib.nn.placebo import lot, replaced
from pipeline_lib.nn.recording import is_recorded
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.encoding import encode, pooled, width
from pipeline_lib.training.liveness import Reading
from pipeline_lib.training.network import Network, Scores

RETRIEVED_AT_ONCE = 512  # bounds the distance matrix between images and the bank
EITHER, EXACT = "use_mm_for_euclid_dist_if_necessary", "donot_use_mm_for_euclid_dist"


def _pieces(count: int) -> list[slice]:
    starts = range(0, count, RETRIEVED_AT_ONCE)
    return [slice(start, start + RETRIEVED_AT_ONCE) for start in starts]


def _graph(
    features: Float[Tensor, "batch dims"], neighbours: Float[Tensor, "batch n dims"]
) -> Float[Tensor, "batch nodes dims"]:
    """Return the nodes of each image's graph, itself first."""
    return torch.cat([features[:, None], neighbours.to(features.dtype)], 1)


class PositivesHead(nn.Module):
    """What label-chosen positives train: a smoothing and a classifier that score no image.

    Deviation: the text has one smoothing and one classifier. Trained on neighbours that the label
    chose, they learn to read it off the neighbours, which at test are others.
    """

    def __init__(self, dims: int, classes: int, settings: Settings) -> None:
        super().__init__()
        self.smoothing = smoothing.build(dims, settings.smoothing)
        self.final = nn.Linear(dims, classes)

    def smooth(
        self, features: Float[Tensor, "batch dims"], positives: Float[Tensor, "batch n dims"]
    ) -> Float[Tensor, "batch dims"]:
        """Eqs. 9-10 on the graph of an image and its positives."""
        smoothed: Tensor = self.smoothing(_graph(features, positives))
        return smoothed


class CsrmsModel(Network):
    """Classify a feature together with its neighbours and the prototypes of its class.

    The bank holds the features of all training images, as of the last refresh or of the batch that
    encoded them last; neighbours are retrieved from it without labels, the same way in training
    and at test.
    """

    bank: Tensor
    cluster_prototypes: Tensor
    class_prototypes: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        settings: Settings,
        *,
        classes: int,
        train_images: int,
        single_label: bool,
    ) -> None:
        super().__init__()
        dims = width(encoder)
        self.encoder = encoder
        self.plain = nn.Linear(dims, classes)
        self.final = nn.Linear(dims, classes)
        self.smoothing = smoothing.build(dims, settings.smoothing)
        self.register_buffer("bank", torch.zeros(train_images, dims))
        self.register_buffer("cluster_prototypes", torch.zeros(classes, dims))
        self.register_buffer("class_prototypes", torch.zeros(classes, dims))
        self.settings = settings
        self.single_label = single_label
        apart = settings.positives_apart
        self.of_positives = PositivesHead(dims, classes, settings) if apart else None

    def retrieve(
        self,
        features: Float[Tensor, "batch dims"],
        *,
        exclude: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch neighbours dims"]:
        """Return the nearest features of the bank (Euclidean).

        Args:
            features: of the images whose neighbours are wanted.
            exclude: position of each image itself in the bank, when it is a training image.
        """
        pieces = [slice(None)] if is_recorded() else _pieces(len(features))
        found = [
            self._nearest(features[piece], None if exclude is None else exclude[piece])
            for piece in pieces
        ]
        places = torch.cat(found)
        mixing = self.settings.smoothing
        if isinstance(mixing, MIXING) and mixing.placebo == "lot":
            places = lot(len(self.bank)).to(places.device)[places]
        return self.bank[places]

    def _nearest(self, features: Tensor, own: Tensor | None) -> Tensor:
        """Return the places in the bank of the nearest other features, (images, neighbours)."""
        # which form torch takes of itself depends on the number of images; a graph has one
        mode = EXACT if is_recorded() else EITHER
        distance = torch.cdist(features.detach().float(), self.bank, compute_mode=mode)
        if own is not None:
            distance.scatter_(1, own.to(distance.device)[:, None], torch.inf)
        wanted = min(self.settings.n_neighbours, len(self.bank) - 1)
        return distance.topk(wanted, largest=False).indices

    @property
    def smooths(self) -> bool:
        """Whether neighbours change a feature at all."""
        return isinstance(self.settings.smoothing, MIXING)

    @property
    def remembers(self) -> bool:
        """Whether the bank or the prototypes are read at all."""
        own = self.settings
        apart = own.weights.nega > 0 or isinstance(own.smoothing, JsLoss)  # lists without smoothing
        listed = own.lists == "bank" and apart
        return self.smooths or own.alignment is not None or listed

    def smooth(
        self, features: Float[Tensor, "batch dims"], neighbours: Float[Tensor, "batch n dims"]
    ) -> Float[Tensor, "batch dims"]:
        """Eqs. 9-10: F_g of each image, from the graph of it and its neighbours."""
        smoothed: Tensor = self.smoothing(_graph(features, neighbours))
        return smoothed

    def align(
        self,
        smoothed: Float[Tensor, "batch dims"],
        belief: Float[Tensor, "batch classes"],
    ) -> Float[Tensor, "batch dims"]:
        """Eqs. 11-12: F_a = α_a (α_u F_g + β_u w_cu) + β_a p_ca.

        Deviation: the text takes the prototypes of the image's true class, which puts the label
        into the logits. ``belief`` weighs the prototypes instead; it is the posterior of the
        plain features, at training and at test. The coefficients scale; ⊙ as a dot product would
        leave a number, not a feature.
        """
        mixing = self.settings.alignment
        if mixing is None:
            return smoothed
        cluster, class_ = (
            belief @ replaced(prototypes, mixing.placebo, dim=0)
            for prototypes in (self.cluster_prototypes, self.class_prototypes)
        )
        aligned = mixing.alpha_u * smoothed + mixing.beta_u * cluster
        return mixing.alpha_a * aligned + mixing.beta_a * class_

    def belief(
        self, plain_logits: Float[Tensor, "batch classes"]
    ) -> Float[Tensor, "batch classes"]:
        """Return the posterior of the plain features, as a constant."""
        return posterior(plain_logits.detach(), single_label=self.single_label)

    def forward(
        self, images: Float[Tensor, "images 3 size size"]
    ) -> Float[Tensor, "images classes"]:
        """Return the logits of images that are not in the bank."""
        return self.classify(pooled(self.encoder, images))[0]

    def score(self, pictures: Pictures[Tensor]) -> Scores:
        """Encode all pictures, then classify them at once."""
        features = encode(self.encoder, pictures)
        with torch.inference_mode():
            logits, final = self.classify(features)
        return Scores(logits.cpu(), final.cpu())

    def classify(
        self, features: Float[Tensor, "images dims"]
    ) -> tuple[Float[Tensor, "images classes"], Float[Tensor, "images dims"]]:
        """Return the logits and final features of images that are not in the bank."""
        alone = self.settings.neighbours == "self" or not self.smooths
        neighbours = features[:, None] if alone else self.retrieve(features)
        aligned = self._aligned(features, neighbours)
        return self.final(aligned), aligned

    def answer(
        self, features: Float[Tensor, "images dims"], neighbours: Float[Tensor, "images n dims"]
    ) -> Float[Tensor, "images classes"]:
        """Return the logits of images with neighbours that somebody else chose."""
        logits: Tensor = self.final(self._aligned(features, neighbours))
        return logits

    def _aligned(self, features: Tensor, neighbours: Tensor) -> Tensor:
        smoothed = self.smooth(features, neighbours)
        return self.align(smoothed, self.belief(self.plain(features)))

    def readings(self, data: Data[Tensor]) -> list[Reading]:
        """Return what neighbours and the two classifiers come to."""
        return liveness.of_network(self, data)
