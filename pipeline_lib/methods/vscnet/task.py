"""Training of the causal graph network (Sec. "Training Strategies", step 2)."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.causal import class_loss, uniform_loss
from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.methods.vscnet.prediction import Prediction
from pipeline_lib.methods.vscnet.settings import Settings
from pipeline_lib.training.data import Data
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.loop import Task, Terms

if TYPE_CHECKING:
    from collections.abc import Mapping


class VscnetTask(Task):
    """L_ff of Eq. 16 with L_gf of Eq. 13; CSNet is frozen, its regions come from the cache."""

    targets: Tensor

    def __init__(
        self, model: VSCNet, data: "Data[Mapping[str, Tensor]]", settings: Settings, *, seed: int
    ) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("targets", data.targets, persistent=False)
        self._data, self._settings, self._seed = data, settings, seed
        self._generator = generator("intervention", seed)

    def begin_epoch(self, epoch: int) -> None:
        """Draw this epoch's interventions from a generator of its own."""
        self._generator = generator("intervention", self._seed, epoch)

    def forward(self, positions: Tensor) -> Terms:
        """Return "loss" and its terms; the intervention pairs images of the batch at random."""
        targets = self.targets[positions.to(self.targets.device)]
        order = torch.randperm(len(positions), generator=self._generator).to(targets.device)
        found = self.model(self._data.train.batch(positions), order)
        self.images_encoded += len(positions)
        if found.other is None:
            return {"loss": self._class_loss(found.trained, targets)}
        terms = self._graph_terms(found, targets)
        weights = self._settings.weights
        graph = (
            weights.uniform * terms["uniform"]
            + weights.causal * terms["causal"]
            + weights.intervened * terms["intervened"]
        )
        if not self._settings.modules.fusion:
            return {"loss": graph, **terms}
        fused = self._class_loss(found.trained, targets)
        return {"loss": fused + weights.graph * graph, "fused": fused, **terms}

    def _graph_terms(self, found: Prediction, targets: Tensor) -> Terms:
        """Eq. 13, term by term."""
        assert found.other is not None
        assert found.causal is not None
        assert found.intervened is not None
        return {
            "uniform": uniform_loss(
                found.other, self.targets.mean(0), single_label=self._data.single_label
            ),
            "causal": self._class_loss(found.causal, targets),
            "intervened": self._class_loss(found.intervened, targets),
        }

    def _class_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        return class_loss(
            logits, targets, kind=self._settings.loss, single_label=self._data.single_label
        )
