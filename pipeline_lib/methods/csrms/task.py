"""One training step of CSRMS: anchors with their positives and negatives, and the loss terms."""

from typing import Any

import torch
from torch import Tensor

from pipeline_lib.methods.csrms.batch import Batch, of_all_processes
from pipeline_lib.methods.csrms.curriculum import Schedule
from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.losses import inter_class_loss, js_loss, negative_loss
from pipeline_lib.methods.csrms.model import CsrmsModel
from pipeline_lib.methods.csrms.settings import Even, JsLoss, Settings
from pipeline_lib.nn.classification import classification_loss, posterior
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Data
from pipeline_lib.training.encoding import encode, pooled
from pipeline_lib.training.loop import Task, Terms


class CsrmsTask(Task):
    """CE(final) + w_b CE(plain) + w_p CE(positives) + w_n L_nega + w_i L_inter (+ w_j L_js).

    Deviation: the paper gives no total. Its literal text classifies a feature that label-chosen
    positives were mixed into, which shows the label to the classifier in training only. Under
    ``classify: symmetric`` the classified feature is smoothed with neighbours retrieved without
    labels, and the positives teach through a cross-entropy of their own, by default with a
    smoothing and a classifier of their own (`positives.head`).

    Deviation: the text encodes positives and negatives beside every anchor. Under ``lists: bank``
    they are rows of the bank, constants that every encoded batch refreshes in place, so that an
    epoch encodes each image once, as plain training does.
    """

    targets: Tensor
    times_encoded: Tensor

    def __init__(
        self,
        model: CsrmsModel,
        data: Data[Tensor],
        relations: Relations,
        settings: Settings,
        *,
        seed: int,
    ) -> None:
        super().__init__()
        self.model = model
        self.schedule = Schedule(settings.curriculum, relations.difficulty)
        self.register_buffer("targets", data.targets, persistent=False)
        self.register_buffer("times_encoded", torch.zeros(len(data.targets), dtype=torch.int64))
        self._averages = relations.dominated_members(data.targets)
        self._from_bank = settings.lists == "bank"
        self._data, self._relations, self._settings = data, relations, settings
        self._augment = Augmenter(settings.recipe.augment, seed)

    def begin_epoch(self, epoch: int) -> None:
        """Move the curriculum on, and refresh bank and prototypes when their time has come."""
        self.schedule.begin(epoch, self._settings.recipe.epochs)
        self._augment.begin_epoch(epoch)
        every = 0 if self._from_bank else self._settings.refresh_epochs
        if epoch == 0 or (every > 0 and epoch % every == 0):
            refreshed = self.refresh()
            if not self._from_bank:  # whose first bank `fit` counts apart from training
                self.images_encoded += refreshed

    def end_epoch(self, epoch: int, loss: float) -> None:
        """Move the curriculum on."""
        self.schedule.observe(loss)

    def finish(self) -> int:
        """Refresh a last time, for scoring, unless there is to be only one; count the images."""
        return self.refresh() if self._settings.refresh_epochs else 0

    def refresh(self) -> int:
        """Encode the training set anew and average it into prototypes, where they are read.

        Returns:
            How many images were encoded.
        """
        if not self.model.remembers:
            return 0
        bank = encode(self.model.encoder, self._data.train)
        largest, every = (weights.to(bank.device) for weights in self._averages)
        self.model.bank.copy_(bank)
        self.model.cluster_prototypes.copy_(largest @ bank)
        self.model.class_prototypes.copy_(every @ bank)
        return len(bank)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss" and its unweighted terms."""
        terms = self.terms(self.encoded(positions))
        weighted = self.weighted(terms)
        total = weighted.pop("final")
        for value in weighted.values():
            total = total + value
        return {"loss": total, **terms}

    def terms(self, batch: Batch) -> Terms:
        """Return the terms of the loss, unweighted."""
        plain = self.model.plain(batch.features)
        classified = self._to_classify(batch)
        aligned, final = self._classified(batch, plain, classified)
        terms = {
            "final": self._cross_entropy(final, classified),
            "backbone": self._plain_loss(batch, plain),
        }
        own = self._settings
        printed: dict[str, Any] = {"sign": own.sign, "measured": own.distance}
        if self._uses_positives:
            terms |= self._positive_terms(batch, plain)
        if own.weights.nega:
            negatives = self._listed(batch, self._relations.negatives)
            terms["nega"] = negative_loss(batch.of(batch.anchors), negatives, **printed)
        if own.weights.inter:
            terms["inter"] = inter_class_loss(aligned, self._targets(classified), **printed)
        return terms

    def weighted(self, terms: Terms) -> Terms:
        """Return each term by its weight; their sum is the loss."""
        return {name: self._weight(name) * value for name, value in terms.items()}

    @property
    def _uses_positives(self) -> bool:
        if not self.model.smooths:
            return isinstance(self._settings.smoothing, JsLoss)
        return self._settings.classify == "paper" or self._settings.weights.positives > 0

    def _weight(self, term: str) -> float:
        if term == "final":
            return 1.0
        smoothing = self._settings.smoothing
        if term == "js" and isinstance(smoothing, JsLoss):
            return smoothing.weight
        weight: float = getattr(self._settings.weights, term)
        return weight

    def encoded(self, positions: Tensor) -> Batch:
        """Encode anchors and what the loss terms need of their lists.

        Training augments, counts and remembers; a task that is evaluated does none of it.
        """
        anchors = positions.cpu()  # where the lists are; DDP moves it to its GPU
        needed = [anchors]
        if self._uses_positives and not self._from_bank:
            needed.append(self._relations.positives[anchors].flatten())
        if self._settings.weights.nega and not self._from_bank:
            needed.append(self._relations.negatives[anchors].flatten())
        images = torch.unique(torch.cat(needed))
        inputs = self._data.train.batch(images)
        features = pooled(self.model.encoder, self._augment(inputs) if self.training else inputs)
        if self.training:
            self.images_encoded += len(images)
            self._remember(images, features)
        place = torch.full((len(self._data.train),), -1)
        place[images] = torch.arange(len(images))
        return Batch(anchors, images, features, place)

    def _remember(self, images: Tensor, features: Tensor) -> None:
        """Note what all processes encoded, put it into the bank and its change into prototypes."""
        images, rows = of_all_processes(images, features)
        self.times_encoded[images] += 1
        if not (self._from_bank and self.model.remembers):
            return
        change = rows - self.model.bank[images]
        self.model.bank[images] = rows
        largest, every = (weights[:, images.cpu()].to(rows.device) for weights in self._averages)
        self.model.cluster_prototypes += largest @ change
        self.model.class_prototypes += every @ change

    def _listed(self, batch: Batch, lists: Tensor) -> Tensor:
        """Return the features of the anchors' lists, (anchors, list, dims)."""
        positions = lists[batch.anchors]
        return self.model.bank[positions] if self._from_bank else batch.of(positions)

    def _to_classify(self, batch: Batch) -> Tensor:
        """Return the images whose final feature is classified; only anchors have positives."""
        everybody = self._settings.supervise == "final" and self._settings.classify != "paper"
        return batch.images if everybody else batch.anchors

    def _classified(self, batch: Batch, plain: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return F_a and the final logits of some encoded images."""
        features = batch.of(images)
        if not self.model.smooths:
            neighbours = features[:, None]
        elif self._settings.classify == "paper":
            neighbours = self._listed(batch, self._relations.positives)
        else:
            neighbours = self.model.retrieve(features, exclude=images)
        smoothed = self.model.smooth(features, neighbours)
        aligned = self.model.align(smoothed, self._belief(batch, plain, images))
        return aligned, self.model.final(aligned)

    def _belief(self, batch: Batch, plain: Tensor, images: Tensor) -> Tensor:
        mixing = self._settings.alignment
        if mixing is not None and mixing.prototype == "label":
            targets = self._targets(images)
            return targets / targets.sum(1, keepdim=True)
        return self.model.belief(plain[batch.place[images]])

    def _positive_terms(self, batch: Batch, plain: Tensor) -> Terms:
        if self._settings.classify == "paper":
            return {}
        positives = self._listed(batch, self._relations.positives)
        if isinstance(self._settings.smoothing, JsLoss):
            single = self._data.single_label
            own = posterior(plain[batch.place[batch.anchors]], single_label=single)
            others = self.model.plain(positives.flatten(0, 1))
            belief = posterior(others, single_label=single).view(*positives.shape[:2], -1)
            return {"js": js_loss(own, belief)}
        head = self.model.of_positives or self.model
        smoothed = head.smooth(batch.of(batch.anchors), positives)
        aligned = self.model.align(smoothed, self._belief(batch, plain, batch.anchors))
        return {"positives": self._cross_entropy(head.final(aligned), batch.anchors)}

    def _plain_loss(self, batch: Batch, plain: Tensor) -> Tensor:
        if self._settings.supervise != "anchors":
            return self._cross_entropy(plain, batch.images)
        return self._cross_entropy(plain[batch.place[batch.anchors]], batch.anchors)

    def _cross_entropy(self, logits: Tensor, positions: Tensor) -> Tensor:
        weights = None
        if not isinstance(self._settings.curriculum, Even):
            weights = self.schedule.weights(self._relations.difficulty[positions])
        single = self._data.single_label
        return classification_loss(logits, self._targets(positions), weights, single_label=single)

    def _targets(self, positions: Tensor) -> Tensor:
        return self.targets[positions.to(self.targets.device)]
