import json
import pickle

import pytest

from pipeline_lib.datasets import flickr
from pipeline_lib.datasets.reader import Item, LeftOut, Rejection, Vocabulary
from pipeline_lib.errors import InputError

TOKENS = "Flickr8k_text/Flickr8k.token.txt"
IMAGES = "Flicker8k_Dataset"
LINES = "1.jpg#0\tA dog runs .\n1.jpg#1\tA pet .\n2.jpg#0\tA cat .\n"


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def items(root, dataset):
    return list(flickr.open_reader(root, dataset(root)).items())


def lists(**names):
    splits = {"train": "", "dev": "", "test": ""} | names
    return {f"Flickr8k_text/Flickr_8k.{s}Images.txt": text for s, text in splits.items()}


@pytest.fixture
def official(tmp_path):
    """Flickr8k as its authors publish it, of three pictures."""
    pictures = {f"{IMAGES}/{n}.jpg": str(n) for n in (1, 2, 3)}
    files = {TOKENS: LINES + "3.jpg#0\tA car .\n"} | pictures
    return write(tmp_path, files | lists(train="1.jpg\n2.jpg\n", test="3.jpg\n"))


def test_captions_splits_and_pictures_of_the_authors_are_read(official, dataset):
    reader = pickle.loads(pickle.dumps(flickr.open_reader(official, dataset(official))))
    assert reader.vocabulary() == Vocabulary(())
    assert list(reader.items()) == [
        Item("1.jpg", "train", f"{IMAGES}/1.jpg", captions=("A dog runs .", "A pet .")),
        Item("2.jpg", "train", f"{IMAGES}/2.jpg", captions=("A cat .",)),
        Item("3.jpg", "test", f"{IMAGES}/3.jpg", captions=("A car .",)),
    ]
    assert reader.load(f"{IMAGES}/3.jpg", None) == b"3"
    assert set(reader.sources()) == {TOKENS, *lists()}


def test_an_image_of_no_list_is_left_out_and_one_of_two_refused(official, dataset):
    write(official, lists(train="1.jpg\n", dev="2.jpg\n", test="1.jpg\n"))
    path = f"{IMAGES}/1.jpg"
    assert [item for item in items(official, dataset) if not isinstance(item, Item)] == [
        Rejection("1.jpg", "in two splits", "train and test", path=path),
        LeftOut("3.jpg", "in no list of a split", f"{IMAGES}/3.jpg"),
    ]


def test_a_listed_image_may_lack_captions_and_a_missing_one_is_named(official, dataset):
    write(official, lists(train="1.jpg\n4.jpg\n5.jpg\n../6.jpg\n") | {f"{IMAGES}/4.jpg": "4"})
    _, _, _, *last = items(official, dataset)
    assert last == [
        Item("4.jpg", "train", f"{IMAGES}/4.jpg"),
        Rejection("5.jpg", "missing file", f"looked for in {IMAGES}, .", "train"),
        Rejection("../6.jpg", "path outside the data set", TOKENS),
    ]


@pytest.mark.parametrize("line", ["1.jpg A dog .", "1.jpg#a\tA dog .", "#1\tA dog .", "a\tb"])
def test_a_line_of_another_form_costs_itself(official, dataset, line):
    write(official, {TOKENS: f"{line}\n{LINES}"})
    first, *others = items(official, dataset)
    detail = f"{line!r}, expected image#number, a tab, a text"
    assert first == Rejection(f"{TOKENS}:1", "line without a caption", detail, lost=False)
    assert sum(isinstance(item, Item) for item in others) == 3


@pytest.mark.parametrize(
    ("file", "text", "bad"),
    [
        ("results_20130124.token", LINES, []),
        ("captions.txt", 'image,caption\n1.jpg,"A dog runs ."\n1.jpg,A pet .\n2.jpg,A cat .\n', []),
        ("captions.txt", "image,caption\n1.jpg,A dog runs .\n1.jpg,A pet .\n,x\n2.jpg,A cat .\n",
         ["captions.txt:4"]),
        ("captions.txt", "image,caption\n1.jpg,A dog runs .\n1.jpg,A pet .\n2.jpg,A, b\n"
         "2.jpg,A cat .\n", ["captions.txt:4"]),
        ("results.csv", "image_name| comment_number| comment\n1.jpg| 0| A dog runs .\n"
         "1.jpg| 1| A pet .\n2.jpg| 4   A dog\n2.jpg| 0| A cat .\n", ["results.csv:4"]),
    ],
)  # fmt: skip
def test_other_files_of_captions_are_read(tmp_path, dataset, file, text, bad):
    write(tmp_path, {file: text, "Images/Images/1.jpg": "1", "Images/2.jpg": "2"})
    found = items(tmp_path, dataset)
    assert [item.item for item in found if isinstance(item, Rejection)] == bad
    assert [item for item in found if isinstance(item, Item)] == [
        Item("1.jpg", None, "Images/Images/1.jpg", captions=("A dog runs .", "A pet .")),
        Item("2.jpg", None, "Images/2.jpg", captions=("A cat .",)),
    ]


def test_splits_and_captions_of_karpathy_come_before_others(official, dataset):
    entries = [
        {"filename": "1.jpg", "split": "restval", "sentences": [{"raw": "A dog ."}, {"tokens": 3}]},
        {"filename": "2.jpg", "split": "val", "sentences": []},
        {"filename": "3.jpg"},
    ]
    write(official, {"dataset_flickr8k.json": json.dumps({"images": entries})})
    reader = flickr.open_reader(official, dataset(official))
    where = "dataset_flickr8k.json"
    assert list(reader.items()) == [
        Rejection(f"{where}: images[2]", "unusable entry", "an image without filename or split"),
        Item("1.jpg", "train", f"{IMAGES}/1.jpg", captions=("A dog .",)),
        Item("2.jpg", "val", f"{IMAGES}/2.jpg"),
    ]
    assert list(reader.sources()) == [where]
    (official / where).write_text("{")
    with pytest.raises(
        InputError, match=rf"{where}: not complete JSON .* expected the JSON of Kar"
    ):
        list(reader.items())


def test_a_folder_without_captions_is_refused(tmp_path, dataset):
    write(tmp_path, {"captions.txt": "A dog .\n"})
    with pytest.raises(
        InputError, match=r"no captions found, expected dataset_flickr8k\.json, .*be"
    ):
        flickr.open_reader(tmp_path, dataset(tmp_path))
