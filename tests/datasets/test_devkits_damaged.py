"""Published devkits, damaged at random: what comes out is a data set or an InputError."""

import json
import pickle
import random
import shutil

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.datasets.accounting import Account
from pipeline_lib.datasets.registry import FORMATS
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest

IGNORED = {
    "food101": {"not an image: .npz": 1},  # the matrix, which dataset.tag_matrix names
    "openimages": {"no seen tag": 2},  # of which people said that the label is absent
}
TRIES = 25  # a kind; each from a seed of its own
ODD = [
    "",
    "nan",
    "-1",
    "0",
    "1e400",
    "9" * 30,
    "é",
    "\0",
    "../x",
    "/",
    "<",
    '"',
    ",",
    "\n",
    "IMG 1",
]
VALUES = [None, True, -1, 0, 2**64, 1.5, float("nan"), "", "x", "../x", "é", [], [1], {}, {"a": 1}]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 9, 3), np.uint8)
    Image.fromarray(pixels).save(path)


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows))


def voc(root):
    box = "<bndbox><xmin>2</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox>"
    for n in range(8):
        thing = f"<name>{'cat' if n % 2 else 'dog'}</name><difficult>{n % 3 // 2}</difficult>{box}"
        text = f"<size><width>9</width><height>8</height></size><object>{thing}</object>"
        lines(root / f"VOC2007/Annotations/{n}.xml", [f"<annotation>{text}</annotation>"])
        picture(root / f"VOC2007/JPEGImages/{n}.jpg", n)
    lines(root / "VOC2007/ImageSets/Main/trainval.txt", range(5))
    lines(root / "VOC2007/ImageSets/Main/test.txt", range(5, 8))


def coco(root):
    for part, numbers in (("train2017", range(5)), ("val2017", range(5, 8))):
        content = {
            "images": [{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 8}
                       for n in numbers],
            "annotations": [{"id": n, "image_id": n, "category_id": n % 2, "bbox": [1, 2, 3, 4],
                             "iscrowd": n % 3 // 2} for n in numbers],
            "categories": [{"id": 0, "name": "dog"}, {"id": 1, "name": "cat"}],
        }  # fmt: skip
        lines(root / f"annotations/instances_{part}.json", [json.dumps(content)])
        texts = {"annotations": [{"image_id": n, "caption": "A pet."} for n in numbers]}
        lines(root / f"annotations/captions_{part}.json", [json.dumps(texts)])
        for n in numbers:
            picture(root / part / f"{n}.jpg", n)


def food101(root):
    lines(root / "meta/classes.txt", ["pie", "sushi"])
    for part, numbers in (("train", range(4)), ("test", range(4, 6))):
        lines(root / f"meta/{part}.txt", [f"{c}/{n}" for c in ("pie", "sushi") for n in numbers])
    for n in range(6):
        picture(root / f"images/pie/{n}.jpg", n)
        picture(root / f"images/sushi/{n}.jpg", 10 + n)
    np.savez(root / "matrix.npz", matrix=np.eye(2, dtype=np.uint8), names=np.array(["a", "b"]))


def nuswide(root):
    lines(root / "ConceptsList/Concepts81.txt", ["sky", "sea"])
    lines(root / "NUS_WID_Tags/TagList1k.txt", ["sky", "sun"])
    for part, numbers in (("Train", range(5)), ("Test", range(5, 8))):
        lines(root / f"ImageList/{part}Imagelist.txt", [f"a\\{n}.jpg" for n in numbers])
        lines(root / f"NUS_WID_Tags/{part}_Tags1k.dat", [f"{n % 2}\t1\t" for n in numbers])
        for place, name in enumerate(("sky", "sea")):
            path = root / f"Groundtruth/TrainTestLabels/Labels_{name}_{part}.txt"
            lines(path, [(n + place) % 2 for n in numbers])
    for n in range(8):
        picture(root / f"Flickr/a/{n}.jpg", n)


def openimages(root):
    lines(root / "class-descriptions.csv", ["LabelName,DisplayName", "/m/1,Dog", '/m/2,"Cat, big"'])
    lines(root / "classes-trainable.txt", ["/m/1", "/m/2"])
    for part, numbers in (("train", range(5)), ("validation", [5]), ("test", [6, 7])):
        rows = [f"{n:016x},verification,/m/{1 + n % 2},{n % 5 and 1}" for n in numbers]
        head = "ImageID,Source,LabelName,Confidence"
        lines(root / f"{part}-annotations-human-imagelabels.csv", [head, *rows])
        for n in numbers:
            picture(root / part / f"{n:016x}.jpg", n)


def cifar(root):
    root.mkdir()
    names = {"fine_label_names": ["a", "b"], "coarse_label_names": ["x", "y"]}
    (root / "meta").write_bytes(pickle.dumps(names, 2))
    for part, numbers in (("train", [0, 1, 0, 1]), ("test", [1, 0])):
        seed = len(numbers)
        pixels = np.random.default_rng(seed).integers(0, 256, (seed, 3072), np.uint8)
        batch = {"filenames": [f"{n}.png" for n in range(seed)], "data": pixels,
                 "fine_labels": numbers, "coarse_labels": numbers}  # fmt: skip
        (root / part).write_bytes(pickle.dumps(batch, 2))


BUILT = {build.__name__: build for build in (voc, coco, food101, nuswide, openimages, cifar)}


def spoil(path, lot):
    """Damage one file: a value of its JSON, a word, a line, some bytes, or its end."""
    content = path.read_bytes()
    kind = lot.randrange(6)
    if path.suffix == ".json" and kind < 4:
        document = json.loads(content)
        _spoil_value(document, lot)
        content = json.dumps(document).encode()
    elif kind < 2:
        place, length = lot.randrange(len(content)), lot.randrange(6)
        content = content[:place] + lot.choice(ODD).encode() + content[place + length :]
    elif kind == 2:
        rows = content.split(b"\n")
        place = lot.randrange(len(rows))
        rows[place : place + 1] = [rows[place]] * lot.choice([0, 2])
        content = b"\n".join(rows)
    elif kind == 3:
        content = content[: lot.randrange(len(content))]
    else:
        changed = bytearray(content)
        for _ in range(lot.randrange(1, 4)):
            changed[lot.randrange(len(changed))] = lot.randrange(256)
        content = bytes(changed)
    path.write_bytes(content)


def _spoil_value(document, lot):
    at = document
    while True:
        key = lot.choice(list(at) if isinstance(at, dict) else list(range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or lot.random() < 0.15:
            if lot.random() < 0.2:
                del at[key]
            else:
                at[key] = lot.choice(VALUES)
            return
        at = at[key]


def tried(root, name, seed, dataset, spoiled):
    """Ingest a copy of a data set with some files damaged; return the account, or the message."""
    BUILT[name](root)
    lot = random.Random(f"{name} {seed}")
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".jpg")
    for path in lot.sample(files, spoiled):
        spoil(path, lot)
    matrix = root / "matrix.npz"
    params = dataset(
        root,
        max_rejected=1.0,
        tag_matrix=str(matrix) if matrix.exists() else "data/none",
        nuswide={"vocabulary": ("concepts_81", "tags_1000", "seen_925_unseen_81")[seed % 3]},
        openimages={"labels": "human", "confidence": 0.5, "unseen": "none"},
    )
    try:
        found = ingest(FORMATS[name].open(root, params), params, track=silent)
        tables = (found.samples, found.rejected, found.ignored, found.duplicates)
        assert str(root) not in repr([*(t.rows() for t in tables), found.remarks]), "a place"
        return found.account
    except InputError as error:
        return str(error)
    finally:
        shutil.rmtree(root)


@pytest.mark.parametrize("name", BUILT)
def test_a_damaged_copy_is_ingested_or_refused_in_words(tmp_path, dataset, name):
    found = [tried(tmp_path / "set", name, seed, dataset, 1 + seed % 2) for seed in range(TRIES)]
    assert {type(result) for result in found} == {Account, str}


@pytest.mark.parametrize("name", BUILT)
def test_a_sound_copy_is_used_whole(tmp_path, dataset, name):
    account = tried(tmp_path / "set", name, 0, dataset, 0)
    assert (account.rejected, account.ignored) == ({}, IGNORED.get(name, {}))
