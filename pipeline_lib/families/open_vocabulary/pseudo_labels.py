"""EM+APL (Zhou et al., ECCV 2022): ever more unobserved labels become soft negatives."""

import torch
from torch import Tensor, distributed, nn

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.label_loss import LabelLoss
from pipeline_lib.families.open_vocabulary.settings import EmApl
from pipeline_lib.families.open_vocabulary.single_positive import asymmetric_pseudo_labels
from pipeline_lib.nn.shapes import Float, Int


class PseudoLabelLoss(LabelLoss):
    """EM+APL: EM, and after the warm-up ever more unobserved entries as soft negatives.

    At the start of each epoch then, per label, the ⌊share · U / (epochs − warmup_epochs)⌋ of its U
    unobserved entries with the lowest p that are not chosen yet are; their p is kept as target.

    Deviation: the paper scores all training images once more for this. Here p is that of the
    image's last visit, as augmented and with the weights of that step, which costs nothing.
    """

    probabilities: Tensor  # (train, labels): the latest of an entry; of a chosen one its target
    chosen: Tensor  # (train, labels)

    def __init__(
        self, observed: Float[Tensor, "train labels"], settings: EmApl, *, epochs: int
    ) -> None:
        super().__init__(observed)
        if settings.warmup_epochs >= epochs:
            raise InputError(
                f"training: `loss.warmup_epochs` is {settings.warmup_epochs} of "
                f"{epochs} epochs, so that no entry becomes a soft negative; expected fewer; lower "
                "it, raise `recipe.epochs`, or set `loss.name` to em"
            )
        self.register_buffer("probabilities", torch.full_like(observed, 0.5))
        self.register_buffer("chosen", torch.zeros_like(observed, dtype=torch.bool))
        self._settings, self._rounds = settings, epochs - settings.warmup_epochs

    def begin_epoch(self, epoch: int) -> None:
        """Choose the next soft negatives, once warmed up."""
        if epoch < self._settings.warmup_epochs:
            return
        unobserved = self.observed == 0
        wanted = (self._settings.share * unobserved.sum(0).double() / self._rounds).floor()
        candidate = unobserved & ~self.chosen
        order = self.probabilities.masked_fill(~candidate, torch.inf).argsort(dim=0, stable=True)
        self.chosen |= candidate & (order.argsort(dim=0) < wanted)

    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return EM+APL, and remember the probabilities."""
        self._remember(rows, logits.detach().to(self.probabilities.dtype).sigmoid())
        return asymmetric_pseudo_labels(
            logits,
            self.observed[rows],
            self.probabilities[rows],
            self.chosen[rows],
            alpha=self._settings.alpha,
            beta=self._settings.beta,
        )

    def _remember(self, rows: Tensor, p: Tensor) -> None:
        for some, latest in shared(rows, p):
            kept = torch.where(self.chosen[some], self.probabilities[some], latest)
            self.probabilities[some] = kept


def shared(rows: Tensor, values: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return every process's rows and values, so that buffers stay equal; alone, its own.

    Shares of a batch may differ in length, so they are filled up to the longest with row −1.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return [(rows, values)]
    longest = torch.tensor(len(rows), device=rows.device)
    distributed.all_reduce(longest, distributed.ReduceOp.MAX)
    missing = int(longest) - len(rows)
    rows = nn.functional.pad(rows, (0, missing), value=-1)
    values = nn.functional.pad(values, (0, 0, 0, missing))
    every = range(distributed.get_world_size())
    all_rows, all_values = ([torch.empty_like(x) for _ in every] for x in (rows, values))
    distributed.all_gather(all_rows, rows)
    distributed.all_gather(all_values, values)
    return [(r[r >= 0], v[r >= 0]) for r, v in zip(all_rows, all_values, strict=True)]
