"""What the modules of VSCNet come to, read off regions, tags, edges and halves.

A low KL of f_n says nothing of F_n: its head turns constant in the first epoch whatever F_n holds.
So the class is asked of both halves by a ridge regression, with the noise that training saw in the
place of what masks removed: fitted on one half of the training images, by lot, and asked of the
rest; and fitted on training images and asked of test images. Training knows no class of a test
image. Of those it is the network's own answer that the probe has to name.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.methods.vscnet.image_graph import Graph, likeliest
from pipeline_lib.methods.vscnet.prediction import Prediction
from pipeline_lib.methods.vscnet.probe import ridge, told
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.liveness import TRAIN, Reading, between, some

if TYPE_CHECKING:
    from pipeline_lib.methods.vscnet.model import VSCNet

PROBED = 2048  # images of a split that a probe is fitted on, or asked of
BATCH = 256
FIRST = 5  # tags whose order is compared

Inputs = Mapping[str, Tensor]


@torch.no_grad()
def readings(model: "VSCNet", data: Data[Inputs]) -> list[Reading]:
    """Return the readings of the modules that are on."""
    modules = model.settings.modules
    if not modules.locate:
        return []
    model.eval()
    splits = {TRAIN: data.train, **data.evaluation}
    found = [one for split, own in splits.items() for one in _of_split(model, own, split)]
    return found + (list(_of_halves(model, data)) if modules.causal else [])


def _of_split(model: "VSCNet", pictures: Pictures[Inputs], split: str) -> Iterator[Reading]:
    given, modules = pictures.batch(some(pictures)), model.settings.modules
    seen, inputs = model(given), model.read(given)
    about = "share of an image's region features that differs between its regions"
    yield Reading(
        "modules.locate", "between regions", about, split, between(inputs["regions"], 1), 0.01
    )
    if modules.knowledge:
        yield from _of_tags(inputs, model.tag_count, split)
    if modules.graph:
        about = "what edges change of what is pooled of the graph, by its length"
        yield Reading("modules.graph", "by edges", about, split, model.by_edges(given))
    if modules.fusion:
        changed = (seen.logits.argmax(1) != seen.trained.argmax(1)).float().mean()
        about = "share of images whose class P_k changes"
        yield Reading("modules.fusion", "decisions", about, split, float(changed))
    if modules.causal:
        yield from _of_masks(seen, inputs["regions"].shape[1], split)


def _of_tags(inputs: Inputs, tag_count: int, split: str) -> Iterator[Reading]:
    """Whether refining changes more than how sure tags are; K is there to mend wrong ones."""
    about = "share of regions whose likeliest tag the exemplars change"
    changed = (inputs["raw"].argmax(2) != inputs["refined"].argmax(2)).float().mean()
    yield Reading("modules.knowledge", "tags", about, split, float(changed), 0.01)
    raw, refined = (_order(inputs, name, tag_count) for name in ("raw", "refined"))
    about = f"share of images whose {FIRST} likeliest tags the exemplars reorder"
    yield Reading(
        "modules.knowledge", "order", about, split, float((raw != refined).any(1).float().mean())
    )


def _order(inputs: Inputs, name: str, tag_count: int) -> Tensor:
    return likeliest(inputs["tags"].long(), inputs[name], tag_count=tag_count, count=FIRST)[0]


def _of_masks(seen: Prediction, steps: int, split: str) -> Iterator[Reading]:
    """How far masks tell nodes apart; alike masks leave nothing to one half alone."""
    assert seen.masks is not None
    assert seen.graph is not None
    for kind, place in kinds(seen.graph, steps).items():
        values = seen.masks.nodes[:, place][seen.graph.mask[:, place]]
        for name, value in (("mean", values.mean()), ("spread", values.std(correction=0))):
            about = (
                f"{'deviation' if name == 'spread' else name} of the masks of {kind}, over nodes"
            )
            yield Reading("modules.causal", f"{name}, {kind}", about, split, float(value))


def kinds(graph: Graph, steps: int) -> dict[str, slice]:
    """Return where the nodes of each kind are, of those that any image has."""
    tags = graph.tags.shape[1]
    every = {
        "regions": slice(0, steps),
        "tags": slice(steps, steps + tags),
        "prototypes": slice(steps + tags, None),
    }
    return {kind: place for kind, place in every.items() if graph.mask[:, place].any()}


def _of_halves(model: "VSCNet", data: Data[Inputs]) -> Iterator[Reading]:
    """Ask both halves for the class.

    The non-causal half is alive as such below a fifth of the way from chance to certainty, chance
    being the share of the commonest class; the causal one above half of it, or masks have left
    the class to the other.
    """
    positions = some(data.train, PROBED)
    labels = data.targets[positions.to(data.targets.device)].cpu()
    chance = float(data.targets.mean(0).max())
    known = _halves(model, data.train, positions, TRAIN)
    asked = {
        split: _halves(model, own, some(own, PROBED), split)
        for split, own in data.evaluation.items()
    }
    # by lot, as images may come class by class in turn
    lot = torch.randperm(len(positions), generator=generator("probe"))
    fit, rest = lot.tensor_split(2)
    for half, bar, above in ((0, 0.5, True), (1, 0.2, False)):
        name = "class in F_n" if half else "class in F_c"
        line = chance + bar * (1 - chance)
        own = told(ridge(known[half][fit], labels[fit]), known[half][rest], labels[rest])
        about = "share of training images, unseen by the probe, whose class it reads"
        yield Reading("modules.causal", name, about, TRAIN, own, line, above)
        probe = ridge(known[half], labels)
        about = "share of images whose answer by the network a probe reads"
        for split, found in asked.items():
            value = told(probe, found[half], found[2])
            yield Reading("modules.causal", name, about, split, value, line, above)


def _halves(
    model: "VSCNet", pictures: Pictures[Inputs], positions: Tensor, split: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Return F_c and F_n of some images, and the network's answers as one-hot rows.

    Splits have noise of their own: images of equal place and class would be told by equal noise.
    """
    noise, found = generator("readings", split), list[tuple[Tensor, ...]]()
    for own in torch.split(positions, BATCH):
        inputs = pictures.batch(own)
        logits = model(inputs).logits
        answer = F.one_hot(logits.argmax(1), logits.shape[1]).float()
        found.append((*model.halves_of(inputs, noise), answer))
    causal, other, answers = (torch.cat(part).cpu() for part in zip(*found, strict=True))
    return causal, other, answers
