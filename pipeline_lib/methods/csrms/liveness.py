"""Whether neighbours, heads, lists and distance losses of CSRMS do what they are there for.

Bars, all of them: with neighbours of another class in place of the retrieved ones fewer than one
answer in ten becomes that class (``FOLLOWED``), since a classifier that reads labels off stored
neighbours knows nothing where they are wrong; and a weighted term pulls at the features with a
hundredth of the cross-entropy at least (``PULL``), since less moves nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from pipeline_lib.methods.csrms.lots import Members
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.determinism import generator
from pipeline_lib.training.encoding import encode
from pipeline_lib.training.liveness import TRAIN, Reading, gradient_norms, some

if TYPE_CHECKING:
    from pipeline_lib.methods.csrms.model import CsrmsModel
    from pipeline_lib.methods.csrms.task import CsrmsTask

FOLLOWED = 0.1  # of the answers
PULL = 0.01  # of the gradient of the cross-entropy
HANDED = "answers with neighbours of {}"
ABOUT = "share of training images that are answered rightly, themselves left out of the bank"


@dataclass(frozen=True)
class Answers:
    """What a network answers with the neighbours that it retrieves, and with others."""

    labels: Int[Tensor, " images"] | None  # of training images
    retrieved: Int[Tensor, " images"]
    plain: Int[Tensor, " images"]  # of the plain head
    alone: Int[Tensor, " images"]  # with itself for a neighbour
    right: Int[Tensor, " images"]  # with stored ones of its class, or of its answer
    wrong: Int[Tensor, " images"]  # with stored ones of another class …
    handed: Int[Tensor, " images"]  # … which was this


def of_network(model: "CsrmsModel", data: Data[Tensor]) -> list[Reading]:
    """Read neighbours and heads, of data where an image has one class."""
    if not model.single_label:
        return []
    splits = {TRAIN: data.train, **data.evaluation}
    with torch.inference_mode():
        found = {split: _answers(model, data, pictures) for split, pictures in splits.items()}
    readings = [one for split, answers in found.items() for one in _heads(split, answers)]
    if model.smooths:
        readings += _answered(found[TRAIN])
        readings += [_followed(split, answers) for split, answers in found.items()]
    return readings


def of_training(task: "CsrmsTask", data: Data[Any], batch_size: int) -> list[Reading]:
    """Read how evenly images were encoded, and what each loss term pulls with after training."""
    return [_exposure(task.times_encoded.double()), *_pulls(task, some(data.train, batch_size))]


def _answers(model: "CsrmsModel", data: Data[Any], pictures: Pictures[Any]) -> Answers:
    places = some(pictures)
    features = encode(model.encoder, Pictures([pictures.rows[p] for p in places], pictures.fetch))
    of_train = pictures is data.train
    own = places if of_train else None
    retrieved = model.retrieve(features, exclude=own) if model.smooths else features[:, None]
    answer = model.answer(features, retrieved).argmax(1)
    labels = data.targets.to(answer.device).argmax(1)
    first = labels[places.to(labels.device)] if of_train else answer
    members = Members(data.targets)
    handed = _another(first.cpu(), members)

    def with_stored(classes: Tensor) -> Tensor:
        wanted = classes[:, None].expand(-1, retrieved.shape[1])
        stored = members.drawn(wanted, generator("handed neighbours"), own=own)
        return model.answer(features, model.bank[stored.to(model.bank.device)]).argmax(1).cpu()

    return Answers(
        labels=first.cpu() if of_train else None,
        retrieved=answer.cpu(),
        plain=model.plain(features).argmax(1).cpu(),
        alone=model.answer(features, features[:, None]).argmax(1).cpu(),
        right=with_stored(first.cpu()),
        wrong=with_stored(handed),
        handed=handed,
    )


def _another(classes: Int[Tensor, " images"], members: Members) -> Int[Tensor, " images"]:
    """Return for each image the class that follows its own among those with images."""
    present = members.counts.nonzero()[:, 0]
    return present[(torch.searchsorted(present, classes) + 1) % len(present)]


def _answered(found: Answers) -> list[Reading]:
    assert found.labels is not None
    kinds = {
        "those retrieved": found.retrieved,
        "its own class": found.right,
        "another class": found.wrong,
        "none": found.alone,
    }
    return [
        Reading("smoothing", f"right with neighbours of {kind}".replace("of none", "left out"),
                f"{ABOUT}; of {kind}", TRAIN, _share(answers == found.labels))
        for kind, answers in kinds.items()
    ]  # fmt: skip


def _followed(split: str, found: Answers) -> Reading:
    free = found.retrieved != found.handed
    followed = (found.wrong == found.handed)[free]
    about = "share of the answers that become the class of the stored neighbours that are handed"
    return Reading("smoothing", "follows wrong neighbours", about, split, _share(followed),
                   FOLLOWED, above=False)  # fmt: skip


def _heads(split: str, found: Answers) -> list[Reading]:
    about = "share of images for which the plain and the final classifier say the same"
    readings = [Reading("final", "agrees with the plain head", about, split,
                        _share(found.plain == found.retrieved))]  # fmt: skip
    if found.labels is not None:
        gain = _share(found.retrieved == found.labels) - _share(found.plain == found.labels)
        about = "accuracy of the final classifier less that of the plain one"
        readings.append(Reading("final", "gain over the plain head", about, split, gain))
    return readings


def _exposure(times: Float[Tensor, " train"]) -> Reading:
    """Read (Σw)² / Σw² of how often each image was encoded, by the number of images."""
    even = float(times.sum().square() / times.square().sum().clamp(min=1) / len(times))
    about = "effective number of the images that were encoded, by the number there are"
    return Reading("lists", "exposure", about, TRAIN, even)


def _pulls(task: "CsrmsTask", positions: Int[Tensor, " batch"]) -> list[Reading]:
    batch = task.encoded(positions)
    trained = [p for p in task.parameters() if p.requires_grad]  # of frozen features what follows
    watched = [batch.features] if batch.features.requires_grad else trained
    norms = gradient_norms(task.weighted(task.terms(batch)), watched, beside="final")
    about = (
        "length of the weighted term's gradient on the features, or of frozen ones on what is "
        "trained behind them, by that of the cross-entropy"
    )
    return [
        Reading("smoothing" if name == "js" else f"weights.{name}", "pull", about, TRAIN, norm,
                None if name == "backbone" else PULL)
        for name, norm in norms.items()
    ]  # fmt: skip


def _share(hits: Tensor) -> float:
    return float(hits.double().mean()) if len(hits) else 0.0
