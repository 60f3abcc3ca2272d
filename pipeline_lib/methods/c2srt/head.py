"""C2SRT from what the image tower sees to scores. Rows of the paper's Table 3 are switches."""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.label_head import DIFFERENT, LabelHead, Streams
from pipeline_lib.families.open_vocabulary.patch_selection import choose, local_features, similarity
from pipeline_lib.families.open_vocabulary.scaled_cosine import cosine_of
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.c2srt.settings import Settings
from pipeline_lib.methods.c2srt.transfer import Transfer
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.liveness import between


class C2srtHead(LabelHead):
    """ISR (Eqs. 4-5) and IST (Eqs. 6-9), each a switch, and scores (Eq. 10).

    neither    f_G and the label's text
    ISR        f_img = (f_L + f_G) / 2 and the label's text
    IST        h_l and the label's text; nodes start from f_G
    ISR+IST    … nodes start from f_img
    """

    def __init__(self, dims: int, scale: float, settings: Settings) -> None:
        super().__init__(settings.scores.normalise)
        self._isr = settings.isr
        self.transfer = None if settings.ist is None else Transfer(dims, settings.ist)
        self.cosine = cosine_of(self.normalise, scale)

    def streams(self, seen: Seen, labels: Labels) -> Streams:
        """Return the cosines of labels and of what an image is to them."""
        if self.transfer is None:
            vectors = self._of_images(seen, labels.scored_texts)
        else:
            # unscored labels inform the others, so all are in the graph
            images = self._of_images(seen, labels.texts)
            vectors = self.transfer(images, labels.texts, labels.neighbours)[:, labels.scored]
        return (self.cosine(vectors, labels.scored_texts),)

    @torch.no_grad()
    def explain(self, seen: Seen, labels: Labels) -> dict[str, Tensor]:
        """Return what figures show of the scored labels.

        "similarity" (images, labels, patches); with ISR "chosen" of the same shape, "counts"
        (images, labels) and their "histogram" over 0 … N; with IST "attention" (labels, 1 + most)
        of the last layer, self first.
        """
        cosines = similarity(seen.patches, labels.scored_texts)
        told = {"similarity": cosines}
        if self._isr is not None:
            isr = self._isr
            chosen = choose(cosines, alpha=isr.alpha, most=isr.most, temperature=isr.temperature)
            counts = chosen.sum(2)
            told |= {
                "chosen": chosen,
                "counts": counts,
                "histogram": torch.bincount(counts.flatten(), minlength=isr.most + 1),
            }
        if self.transfer is not None:
            images = self._of_images(seen, labels.texts)
            attention = self.transfer.attention(images, labels.texts, labels.neighbours)
            told["attention"] = attention[labels.scored]
        return told

    def readings(self, seen: Seen, labels: Labels) -> Iterator[dict[str, Any]]:
        """Yield how far what each module passes on differs between labels."""
        if self._isr is not None:
            cosines = similarity(seen.patches, labels.scored_texts)
            isr = self._isr
            chosen = choose(cosines, alpha=isr.alpha, most=isr.most, temperature=isr.temperature)
            yield {
                "module": "isr",
                "name": "between labels",
                "about": "Share of the chosen patches of labels by which they differ from those "
                "that all choose alike.",
                "value": between(chosen.float(), 1),
                "bar": DIFFERENT,
            }
        if self.transfer is not None:
            images = self._of_images(seen, labels.texts)
            told = self.transfer.told(images, labels.texts, labels.neighbours)
            about = "Share of the squared length of what labels hear that differs between"
            for dim, name, bar in ((1, "labels", DIFFERENT), (0, "images", None)):
                yield {
                    "module": "ist",
                    "name": f"between {name}",
                    "about": f"{about} {name}.",
                    "value": between(told, dim),
                    "bar": bar,
                }

    def _of_images(
        self, seen: Seen, texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch views dims"]:
        """f_img of Eq. 6: one view per label with ISR, one for all without.

        Deviation: f_L and f_G get unit length before they are averaged, since the mean of a few
        patches is shorter than the projected whole, or longer, by an accident of the model.
        """
        whole = F.normalize(seen.pooled, dim=1)[:, None]
        if self._isr is None:
            return whole
        chosen_by = replaced(texts, self._isr.placebo, dim=0)
        local = local_features(seen.patches, chosen_by, **self._isr.choice)
        return (F.normalize(local, dim=2) + whole) / 2
