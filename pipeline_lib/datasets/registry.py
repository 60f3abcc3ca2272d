"""Every layout of a data set that can be read, and which one lies in a folder."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.datasets import (
    cifar,
    coco,
    flickr,
    food101,
    hints,
    image_folder,
    labels_csv,
    nuswide,
    openimages,
    parquet,
    voc,
    yolo,
)
from pipeline_lib.datasets.location import DATA, locate
from pipeline_lib.datasets.reader import Reader
from pipeline_lib.datasets.scenes.reader import open_reader as open_scenes
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.settings.only import rules_of

CATALOGUE = "catalogue.yaml"


@dataclass(frozen=True)
class Format:
    """One layout."""

    name: str  # the value of dataset.format
    summary: str
    layout: str  # what lies where, in one line
    detect: Callable[[Path], bool]
    open: Callable[[Path, Dataset], Reader]


def _detect_scenes(root: Path) -> bool:
    return (root / CATALOGUE).is_file()


_ALL = (
    Format(
        "scenes",
        "pictures drawn from a catalogue of scenes and objects",
        CATALOGUE,
        _detect_scenes,
        open_scenes,
    ),
    Format(
        "cifar",
        "CIFAR-10 or CIFAR-100 as its authors publish it for Python",
        "cifar-10-batches-py/{batches.meta,data_batch_1…5,test_batch} or "
        "cifar-100-python/{meta,train,test}",
        cifar.detect,
        cifar.open_reader,
    ),
    Format(
        "voc",
        "PASCAL VOC as its authors publish it, one year or several; objects are tags",
        "VOC2007/{Annotations,ImageSets/Main,JPEGImages}, VOC2012/…, or one such folder itself",
        voc.detect,
        voc.open_reader,
    ),
    Format(
        "coco",
        "MS-COCO as its authors publish it, LVIS, Roboflow's export; categories are tags",
        "annotations/instances_*.json, train2017/*.jpg, val2017/*.jpg, or lvis_v1_*.json in place "
        "of instances, or {train,valid,test}/_annotations.coco.json beside the images",
        coco.detect,
        coco.open_reader,
    ),
    Format(
        "nuswide",
        "NUS-WIDE as its authors publish it; concepts or what users wrote are tags",
        "ConceptsList/Concepts81.txt, ImageList/*.txt, Groundtruth/, NUS_WID_Tags/, Flickr/",
        nuswide.detect,
        nuswide.open_reader,
    ),
    Format(
        "openimages",
        "Open Images v4 to v7 as its authors publish it; image-level labels are tags",
        "class-descriptions.csv, classes-trainable.txt, {train,validation,test}-annotations-"
        "{human,machine}-imagelabels.csv, train/*.jpg, validation/*.jpg, test/*.jpg",
        openimages.detect,
        openimages.open_reader,
    ),
    Format(
        "parquet",
        "images embedded in Parquet files, or in what Hugging Face's save_to_disk writes",
        "*.parquet, also below data/, <config>/ and <split>/, or state.json and data-*.arrow, with "
        "a column of bytes or of structs {bytes, path}",
        parquet.detect,
        parquet.open_reader,
    ),
    Format(
        "food101",
        "Food-101 as its authors publish it, with ingredients as tags",
        "images/<class>/<id>.jpg and meta/{classes,train,test}.txt",
        food101.detect,
        food101.open_reader,
    ),
    Format(
        "yolo",
        "boxes in YOLO's text files, as Ultralytics and Roboflow lay them out; objects are tags",
        "data.yaml with names, images/<split>/*.jpg and labels/<split>/*.txt, or "
        "<split>/images/*.jpg and <split>/labels/*.txt",
        yolo.detect,
        yolo.open_reader,
    ),
    Format(
        "flickr",
        "Flickr8k or Flickr30k: photographs with five captions each, and no labels",
        "Flickr8k.token.txt, Flickr_8k.{train,dev,test}Images.txt and Flicker8k_Dataset/, or "
        "dataset_flickr{8k,30k}.json, results_20130124.token, captions.txt, results.csv",
        flickr.detect,
        flickr.open_reader,
    ),
    Format(
        image_folder.NAME,
        "image files in folders, or listed in a CSV",
        "<split>/<class>/*.jpg, <class>/*.jpg or labels.csv",
        image_folder.detect,
        image_folder.open_reader,
    ),
)
FORMATS: Mapping[str, Format] = {format.name: format for format in _ALL}  # in order of detection


def open_reader(params: Dataset) -> tuple[str, Reader]:
    """Open ``dataset.path`` and return the name of its format with the reader.

    Raises:
        InputError: there is nothing at that path, no format fits, or the format's own complaint.
    """
    root = locate(params.path)
    if not root.exists():
        raise InputError(
            f"dataset.path: '{root}' does not exist, expected the folder of a data set; put the "
            "data there, or say where they are: `protoweave use PRESET --data DIR`, or "
            "PROTOWEAVE_DATA=DIR. What a stage had made of them before, `dvc checkout` brings back"
        )
    name = detected(root) if params.format == "auto" else params.format
    return name, FORMATS[name].open(root, params)


def idle_settings(params: Dataset, found: str) -> tuple[str, ...]:
    """Return the keys of ``dataset`` that ``auto`` accepts and the layout that it found reads not.

    A preset may serve several layouts; a format that is named refuses such keys at once.
    """
    if params.format != "auto":
        return ()
    settled = params.model_copy(update={"format": found})
    idle = {rule.key for rule in rules_of(Dataset) if rule.fault(settled)}
    if found == image_folder.NAME and not labels_csv.find(locate(params.path)):
        idle |= image_folder.named_columns(params)
    return tuple(sorted(idle))


def reopen(section: dict[str, Any], params: Path = Path("params.yaml")) -> Reader:
    """Open the data set that images were ingested from, wherever it lies on this machine now.

    Args:
        section: the params of its ingestion, without a path.
        params: where ``dataset.path`` stands. Nothing but the place is taken from it, which
            changes no result: pixels are compared with the digests of those that were ingested.

    Raises:
        InputError: as ``open_reader``.
    """
    path = "." if os.environ.get(DATA) else Dataset.load("dataset", params).path
    return open_reader(Dataset.model_validate(section | {"path": path}))[1]


def detected(root: Path) -> str:
    """Return the name of the layout that lies in a folder.

    Raises:
        InputError: none of them does, with what each looks like.
    """
    for name, format in FORMATS.items():
        if format.detect(root):
            return name
    expected = "\n".join(f"  {name}: {format.layout}" for name, format in FORMATS.items())
    remedy = "set dataset.path to the folder that holds one of them, and dataset.format to its name"
    raise InputError(
        f"dataset.path: '{root}' holds no data set of a known layout; looked for\n{expected}\n"
        f"{cifar.hint(root) or hints.hint(root) or remedy}"
    )
