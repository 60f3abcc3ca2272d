"""What the truth behind each mechanism would add to linear classifiers of frozen features.

    protoweave use scenes-hard && dvc repro baseline@tags
    python -m benchmarks.headroom

The data set is one of `scenes`, whose truth is known; the features are those of the trained
`baseline@tags`. Each oracle is given what a method is to find out by itself:

* neighbours: which other objects are there, beside the features of the picture (graphs of labels);
* boxes: the features of a window for each object, beside those of the picture (regions);
* causes: the objects on an empty backdrop, where backgrounds mislead (causal masks);
* clean tags: training tags without faults (curricula, losses for faulty labels).

Prints a JSON line: mAP of the tags that are seen in training, top-1 of the classes, per cent, of
drawn pictures of the split val; `shift` are those pictures before backgrounds of other classes. The
penalty of every classifier is the best of three on the same pictures, of Base as of the oracles.
`from_partners` is the mAP of unseen objects that the true seen ones alone give, and `chance` what
guessing does.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from benchmarks.probe import Inputs, Probe, best, mean_ap, top_1
from pipeline_lib.datasets.location import locate
from pipeline_lib.datasets.scenes.paint import paint, paint_objects
from pipeline_lib.datasets.scenes.picture import Picture
from pipeline_lib.datasets.scenes.reader import ScenesReader, open_reader
from pipeline_lib.encoders.extractor import Extractor
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.maps import Maps

WEIGHTS = Path("data/artifacts/baseline/tags/weights.safetensors")
AROUND = 0.15  # of a window's side that is shown on each side of it


@dataclass(frozen=True)
class Shown:
    """Some pictures: what is true of them, and features of them (pictures, dims)."""

    classes: np.ndarray  # (pictures, classes) bool
    there: np.ndarray  # (pictures, objects) bool
    tagged: np.ndarray  # the same as the tags of the split say
    whole: np.ndarray
    bare: np.ndarray  # of the objects on an empty backdrop
    windows: np.ndarray  # of the objects' windows: their mean and their greatest


def shown(
    reader: ScenesReader, split: str, count: int, encode: Extractor, *, cut: bool = True
) -> Shown:
    """Draw and encode the first pictures of a split; without windows unless they are ``cut``."""
    pictures = [reader.picture(split, index) for index in range(count)]
    images = [paint(reader.catalogue, picture, reader.params.size) for picture in pictures]
    bare = [paint_objects(picture, reader.params.size) for picture in pictures]
    names = list(reader.catalogue.objects)
    return Shown(
        _multi_hot([[p.scene] for p in pictures], list(reader.catalogue.scenes)),
        _multi_hot([[o.name for o in p.objects] for p in pictures], names),
        _multi_hot([p.tags for p in pictures], names),
        whole=encode.encode(images)["pooled"],
        bare=encode.encode(bare)["pooled"],
        windows=_windows(pictures, images, encode) if cut else np.zeros((count, 0)),
    )


def _multi_hot(lists: list[list[str]] | list[tuple[str, ...]], names: list[str]) -> np.ndarray:
    found = np.zeros((len(lists), len(names)), bool)
    for row, some in enumerate(lists):
        found[row, [names.index(name) for name in some]] = True
    return found


def _windows(pictures: list[Picture], images: list[np.ndarray], encode: Extractor) -> np.ndarray:
    """Return the mean and the greatest of the features of each picture's true windows."""
    cut = [
        [window(image, *(placed.box.x, placed.box.y, placed.box.w, placed.box.h)) for placed in p]
        for p, image in zip([p.objects for p in pictures], images, strict=True)
    ]
    vectors = encode.encode([one for some in cut for one in some])["pooled"]
    ends = np.cumsum([len(some) for some in cut])[:-1]
    parts = np.split(vectors, ends)
    return np.stack([np.concatenate([part.mean(0), part.max(0)]) for part in parts])


def window(image: np.ndarray, x: float, y: float, w: float, h: float) -> np.ndarray:
    """Cut a square around a box, in fractions of the picture; what lies outside is repeated."""
    side = max(w, h) * (1 + 2 * AROUND)
    pixels = max(2, round(side * len(image)))
    top, left = (round((at - side / 2) * len(image)) for at in (y + h / 2, x + w / 2))
    rows, columns = (
        np.clip(np.arange(start, start + pixels), 0, len(image) - 1) for start in (top, left)
    )
    cut: np.ndarray = image[rows[:, None], columns]
    return cut


def measure(train: Shown, val: Shown, shift: Shown, seen: np.ndarray) -> dict[str, object]:
    """Return every reading; ``seen`` are the numbers of the objects that are seen in training."""
    none, every = np.zeros(0, int), np.arange(train.classes.shape[1])

    def classes(name: str) -> tuple[float, Probe]:
        data = [(Inputs(_of(s, name)), s.classes) for s in (train, val)]
        return best(data[0], data[1], every, top_1)

    def moved(name: str) -> float:
        return top_1(classes(name)[1](Inputs(_of(shift, name))), shift.classes)

    def tags(name: str, *, others: bool = False, clean: bool = False) -> float:
        targets = (train.there if clean else train.tagged)[:, seen]
        given = [Inputs(_of(s, name), s.there if others else None) for s in (train, val)]
        return best((given[0], targets), (given[1], val.there[:, seen]), seen, mean_ap)[0]

    top, shifted, tag_map = classes("whole")[0], moved("whole"), tags("whole")
    unseen = np.setdiff1d(np.arange(train.there.shape[1]), seen)
    known = [Inputs(s.there[:, seen].astype(np.float32)) for s in (train, val)]
    partners, _ = best(
        (known[0], train.there[:, unseen]), (known[1], val.there[:, unseen]), none, mean_ap
    )
    found: dict[str, dict[str, float]] = {
        "base": {"classes": top, "classes_shift": shifted, "tags": tag_map},
        "headroom": {
            "neighbours_tags": tags("whole", others=True) - tag_map,
            "boxes_classes": classes("windows")[0] - top,
            "boxes_tags": tags("windows") - tag_map,
            "causes_classes_shift": moved("bare") - shifted,
            "clean_tags": tags("whole", clean=True) - tag_map,
        },
        "unseen": {"from_partners": partners, "chance": 100 * val.there[:, unseen].mean()},
    }
    return {k: {name: round(float(v), 1) for name, v in part.items()} for k, part in found.items()}


def _of(some: Shown, name: str) -> np.ndarray:
    vectors: np.ndarray = some.bare if name == "bare" else some.whole
    return np.hstack([vectors, some.windows]) if name == "windows" else vectors


def main(
    params: Annotated[Path, typer.Option(exists=True)] = Path("params.yaml"),
    weights: Annotated[Path, typer.Option(help="Of the trained baseline@tags.")] = WEIGHTS,
    val: Annotated[int, typer.Option(min=1, help="Pictures to judge by.")] = 800,
) -> None:
    """Print what was measured as a line of JSON."""
    began = time.perf_counter()
    torch.set_num_threads(1)
    data = Dataset.load("dataset", params)
    encoder = Maps.load("maps", params).model_copy(update={"weights": str(weights)})
    encode = Extractor(encoder, "cpu", encoder.batch_size, file_digest(weights))
    reader = open_reader(locate(data.path), data)
    moved = reader.params.model_copy(update={"background_match": 0.0})
    some = [
        shown(reader, "train", reader.params.train, encode),
        shown(reader, "val", val, encode),
        shown(ScenesReader(reader.catalogue, moved), "val", val, encode, cut=False),
    ]
    objects = list(reader.catalogue.objects)
    seen = np.array([i for i, n in enumerate(objects) if n not in reader.catalogue.unseen()])
    found = measure(*some, seen)
    print(json.dumps(found | {"seconds": round(time.perf_counter() - began)}))


if __name__ == "__main__":
    typer.run(main)
