import pickle

import numpy as np
import pytest

from pipeline_lib.datasets import openimages
from pipeline_lib.datasets.openimages_rows import read_rows
from pipeline_lib.datasets.reader import Item, LeftOut
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest

SEEN = {"/m/1": "Bun", "/m/2": "Dog", "/m/3": "Bun"}
UNSEEN = {"/m/8": '"Ducks, geese"', "/m/9": "Kite"}
OTHER = {"/m/5": "Car"}
A, B, C, D = (f"{number:016x}" for number in (10, 0xFFFFFFFFFFFFFFFF, 3, 4))


def annotate(root, name, *rows):
    text = "".join(f"{image},verification,{label},{sure}\n" for image, label, sure in rows)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"ImageID,Source,LabelName,Confidence\n{text}")


def write(root, *, unseen="\ufeff2\r\n0\r\n", numbered=("/m/9", "/m/5", "/m/8")):
    described = OTHER | UNSEEN | SEEN
    text = "".join(f"{label},{name}\r\n" for label, name in described.items())
    (root / "class-descriptions.csv").write_text(text, newline="")
    (root / "classes-trainable.txt").write_text("".join(f"{label}\n" for label in SEEN))
    (root / "top_400_unseen.csv").write_text(unseen, newline="")
    (root / "unseen_labels.pkl").write_bytes(pickle.dumps(np.array(numbered, object)))
    train = [(A, "/m/1", 1), (A, "/m/3", 0), (B, "/m/8", 1), (C, "/m/3", 1), (C, "/m/2", 1)]
    annotate(root, "train/train-annotations-human-imagelabels.csv", *train)
    annotate(root, "validation-annotations-human-imagelabels.csv", (D, "/m/2", 1))
    test = [(B, "/m/9", 1), (B, "/m/1", 1), (A, "/m/5", 1), (A, "/m/2", 0)]
    annotate(root, "test-annotations-human-imagelabels.csv", *test)
    return root


def opened(root, dataset, **changes):
    section = {"labels": "human", "confidence": 0.5, "unseen": "top_400"} | changes
    return openimages.open_reader(root, dataset(root, openimages=section))


def tags_of(reader):
    return {item.key: (item.split, item.tags) for item in reader.items() if isinstance(item, Item)}


def test_trainable_labels_are_seen_and_lesas_are_unseen(tmp_path, dataset):
    reader = opened(write(tmp_path), dataset)
    assert reader.vocabulary().tags == ("Bun", "Dog", "Bun (/m/3)", "Ducks, geese", "Kite")
    assert reader.vocabulary().unseen == {"Ducks, geese", "Kite"}
    assert tags_of(reader) == {
        f"train/{C}": ("train", ("Dog", "Bun (/m/3)")),
        f"train/{A}": ("train", ("Bun",)),  # B carries nothing seen
        f"validation/{D}": ("val", ("Dog",)),
        f"test/{A}": ("test", ()),  # an absent label, and one outside the vocabulary
        f"test/{B}": ("test", ("Bun", "Kite")),
    }
    (last,) = (
        item for item in reader.items() if isinstance(item, Item) and item.key == f"test/{B}"
    )
    assert last.path == f"test/{B}.jpg"


def test_without_unseen_labels_the_trainable_ones_are_all(tmp_path, dataset):
    reader = opened(write(tmp_path), dataset, unseen="none")
    assert reader.vocabulary().tags == ("Bun", "Dog", "Bun (/m/3)")
    assert reader.vocabulary().unseen == frozenset()
    assert tags_of(reader)[f"test/{B}"] == ("test", ("Bun",))


def test_generated_labels_count_from_a_confidence_on_unless_a_person_denies_them(tmp_path, dataset):
    write(tmp_path)
    machine = [(A, "/m/2", 0.6), (A, "/m/3", 0.9), (B, "/m/2", 0.7), (B, "/m/1", 0.5)]
    annotate(tmp_path, "train/train-annotations-machine-imagelabels.csv", *machine)
    both = tags_of(opened(tmp_path, dataset, labels="both", confidence=0.6))
    assert both[f"train/{A}"] == ("train", ("Bun", "Dog"))  # "/m/3" was denied
    assert both[f"train/{B}"] == ("train", ("Dog",))
    alone = tags_of(opened(tmp_path, dataset, labels="machine", confidence=0.6))
    assert alone == {
        f"train/{A}": ("train", ("Dog", "Bun (/m/3)")),
        f"train/{B}": ("train", ("Dog",)),
    }


def test_listed_test_images_without_a_row_count_too(tmp_path, dataset):
    write(tmp_path)
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "images.csv").write_text(f"ImageID,Subset\n{C},test\n{B},test\n")
    found = tags_of(opened(tmp_path, dataset))
    assert found[f"test/{C}"] == ("test", ())
    assert [key for key in found if key.startswith("test/")] == [
        f"test/{C}", f"test/{A}", f"test/{B}"
    ]  # fmt: skip


def test_unseen_labels_may_be_listed_by_name_or_numbered_in_text(tmp_path, dataset):
    named = opened(write(tmp_path, unseen="/m/8\n/m/9\n"), dataset).vocabulary()
    (tmp_path / "unseen_labels.pkl").unlink()
    (tmp_path / "unseen_labels.txt").write_text("/m/9\n/m/5\n/m/8\n")
    (tmp_path / "top_400_unseen.csv").write_text("2\n0\n")
    assert opened(tmp_path, dataset).vocabulary() == named


def test_images_are_ingested_from_the_folders_of_their_splits(tmp_path, dataset, encoded):
    write(tmp_path)
    places = [f"train/{A}", f"train/{C}", f"validation/{D}", f"test/{B}"]
    for number, place in enumerate(places):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / f"{place}.jpg").write_bytes(encoded(number))
    params = dataset(tmp_path, max_rejected=0.2)
    name, reader = open_reader(params)
    found = ingest(reader, params, track=silent)
    assert name == "openimages"
    assert found.samples["sample_id"].to_list() == sorted(places)
    assert found.rejected["item", "reason"].rows() == [(f"test/{A}", "missing file")]
    counts = found.categories.select("name", "seen", "train_count").rows()
    assert counts == [
        ("Bun", True, 1), ("Dog", True, 1), ("Bun (/m/3)", True, 1),
        ("Ducks, geese", False, 0), ("Kite", False, 0),
    ]  # fmt: skip


def test_batches_of_any_size_give_the_same_rows(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [
        (f"{rng.integers(40):016x}", f"/m/{rng.integers(9)}", int(rng.random() < 0.7))
        for _ in range(2000)
    ]
    annotate(tmp_path, "a.csv", *rows)
    numbers = {f"/m/{label}": label for label in range(7)}
    expected: dict[str, set[int]] = {image: set() for image, _, _ in rows}
    for image, label, sure in rows:
        if sure and label in numbers:
            expected[image].add(numbers[label])
    for image, label, sure in rows:
        if not sure:
            expected[image].discard(numbers.get(label))
    for size in (16 * 2**20, 5000):
        monkeypatch.setattr("pipeline_lib.datasets.openimages_rows.BLOCK", size)
        found = read_rows([tmp_path / "a.csv"], numbers, confidence=0.5, listed=None)
        assert dict(found.images()) == {
            image: sorted(labels) for image, labels in sorted(expected.items())
        }


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda root: (root / "classes-trainable.txt").unlink(), r"no classes-trainable.txt found"),
        (lambda root: (root / "top_400_unseen.csv").unlink(), r"top_400_unseen.csv: missing"),
        (lambda root: (root / "unseen_labels.pkl").unlink(),
         r"holds numbers, .*LESA's unseen_labels.pkl, and neither it nor unseen_labels.txt lies"),
        (lambda root: (root / "top_400_unseen.csv").write_text("3\n"), r"number 3 is beyond the 3"),
        (lambda root: (root / "top_400_unseen.csv").write_text("/m/77\n"), r"the label '/m/77'"),
        (lambda root: (root / "top_400_unseen.csv").write_text("/m/2\n"), r"'/m/2' is listed tw"),
        (lambda root: (root / "class-descriptions.csv").write_text("/m/1\n"), r"no pair of label"),
        (lambda root: (root / "unseen_labels.pkl").write_bytes(pickle.dumps({"a": 1})),
         r"holds a dict, expected a list of text"),
        (lambda root: (root / "unseen_labels.pkl").write_bytes(pickle.dumps(print)),
         r"asks to load .*print.*nothing was run"),
        (lambda root: (root / "unseen_labels.pkl").write_bytes(pickle.dumps(np.arange(3))),
         r"holds an array of i8, expected text"),
        (lambda root: annotate(root, "test-annotations-human-imagelabels.csv", ("xyz", "/m/1", 1)),
         r"ImageID is not always 16 hexadecimal digits"),
        (lambda root: (root / "test-annotations-human-imagelabels.csv").write_text("a,b\n1,2\n"),
         r"not a CSV file with the columns ImageID, LabelName, Confidence"),
    ],
)  # fmt: skip
def test_a_damaged_copy_is_refused(tmp_path, dataset, damage, message):
    damage(write(tmp_path))
    with pytest.raises(InputError, match=message):
        list(opened(tmp_path, dataset).items())


def test_a_folder_without_annotations_is_refused(tmp_path, dataset):
    with pytest.raises(InputError, match=r"no train-annotations-human-imagelabels.csv found"):
        opened(tmp_path, dataset)


def test_the_genuine_lists_are_read(shared_data, tmp_path, dataset):
    genuine = shared_data / "openimages"
    for name in ("class-descriptions.csv", "classes-trainable.txt", "top_400_unseen.csv"):
        (tmp_path / name).write_bytes((genuine / name).read_bytes())
    annotate(tmp_path, "test-annotations-human-imagelabels.csv", (A, "/m/0bt9lr", 1))
    with pytest.raises(InputError, match=r"top_400_unseen.csv: holds numbers, which count"):
        opened(tmp_path, dataset)
    trainable = opened(tmp_path, dataset, unseen="none").vocabulary()
    assert len(set(trainable.tags)) == 7186  # 107 descriptions are of several labels
    assert sum("(/m/" in name for name in trainable.tags) == 113
    described = (genuine / "class-descriptions.csv").read_text().splitlines()
    taken = set((genuine / "classes-trainable.txt").read_text().split())
    others = [label for line in described if (label := line.split(",")[0]) not in taken]
    (tmp_path / "unseen_labels.txt").write_text("\n".join(others[:2594]))
    names = opened(tmp_path, dataset).vocabulary()
    assert (len(names.tags), len(names.unseen)) == (7586, 400)
    assert names.tags[:7186] == trainable.tags


def renamed(root, version, val="validation"):
    """Give the files the names of a later version."""
    for path in [*root.glob("*.csv"), *root.glob("train/*.csv"), root / "classes-trainable.txt"]:
        if path.name.startswith(("class", "train-", "test-", "validation-")):
            path.rename(path.with_name(version + path.name.replace("validation", val)))
    return root


@pytest.mark.parametrize(("version", "val"), [("oidv6-", "validation"), ("oidv7-", "val")])
def test_later_versions_name_their_files_otherwise(tmp_path, dataset, version, val):
    expected = opened(write(tmp_path), dataset)
    before = (expected.vocabulary(), tags_of(expected))
    described = tmp_path / "class-descriptions.csv"
    described.write_text(f"LabelName,DisplayName\n{described.read_text()}")
    renamed(tmp_path, version, val)
    assert openimages.detect(tmp_path)
    reader = opened(tmp_path, dataset)
    assert (reader.vocabulary(), tags_of(reader)) == before
    assert set(reader.sources()) == {
        f"{version}class-descriptions.csv", f"{version}classes-trainable.txt",
        "top_400_unseen.csv", "unseen_labels.pkl",
        f"train/{version}train-annotations-human-imagelabels.csv",
        f"{version}{val}-annotations-human-imagelabels.csv",
        f"{version}test-annotations-human-imagelabels.csv",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["test-images.csv", "test-images-with-rotation.csv"])
def test_listed_test_images_may_be_those_of_later_versions(tmp_path, dataset, name):
    write(tmp_path)
    (tmp_path / name).write_text(f"ImageID,Subset\n{C},test\n")
    assert tags_of(opened(tmp_path, dataset))[f"test/{C}"] == ("test", ())


def test_lists_may_have_a_byte_order_mark(tmp_path, dataset):
    expected = tags_of(opened(write(tmp_path), dataset))
    files = ["class-descriptions.csv", "classes-trainable.txt",
             "test-annotations-human-imagelabels.csv"]  # fmt: skip
    for name in files:
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (tmp_path / name).read_bytes())
    assert tags_of(opened(tmp_path, dataset)) == expected


@pytest.mark.parametrize("name", ["class-descriptions.csv", "classes-trainable.txt"])
def test_a_list_that_is_no_text_is_refused(tmp_path, dataset, name):
    (write(tmp_path) / name).write_bytes(b"/m/1,Caf\xe9\n")
    with pytest.raises(InputError, match=rf"{name}: line 1: byte 0xe9 is no text in UTF-8"):
        opened(tmp_path, dataset)


def test_annotations_that_are_no_text_are_refused(tmp_path, dataset):
    annotate(write(tmp_path), "test-annotations-human-imagelabels.csv", (A, "/m/1", 1))
    path = tmp_path / "test-annotations-human-imagelabels.csv"
    path.write_bytes(path.read_bytes().replace(b"/m/1", b"/m/\xe9"))
    with pytest.raises(InputError, match=r"not a CSV file with the columns ImageID, .*UTF8"):
        list(opened(tmp_path, dataset).items())


@pytest.mark.parametrize("extension", [".jpeg", ".JPG", ".png"])
def test_pictures_have_the_extension_that_lies_there(tmp_path, dataset, extension):
    (write(tmp_path) / "test").mkdir()
    (tmp_path / "test" / f"{B}{extension}").write_bytes(b"x")
    paths = {item.key: item.path for item in opened(tmp_path, dataset).items()
             if isinstance(item, Item)}  # fmt: skip
    assert paths[f"test/{B}"] == f"test/{B}{extension}"
    assert paths[f"test/{A}"] == f"test/{A}.jpg"


def test_images_without_a_seen_tag_are_left_out_by_name(tmp_path, dataset):
    found = [item for item in opened(write(tmp_path), dataset).items() if isinstance(item, LeftOut)]
    assert found == [LeftOut(f"train/{B}", "no seen tag", f"train/{B}.jpg")]


def test_an_empty_list_of_trainable_labels_is_refused(tmp_path, dataset):
    (write(tmp_path) / "classes-trainable.txt").write_text("")
    with pytest.raises(InputError, match=r"classes-trainable\.txt: is empty, expected a label"):
        opened(tmp_path, dataset)


def test_more_labels_than_two_bytes_count_keep_their_numbers(tmp_path):
    many = {f"/m/{number}": number for number in range(100_000)}
    annotate(tmp_path, "rows.csv", (A, "/m/99999", 1), (A, "/m/34464", 1), (C, "/m/40000", 0))
    rows = read_rows([tmp_path / "rows.csv"], many, confidence=0.5, listed=None)
    assert list(rows.images()) == [(C, []), (A, [34464, 99999])]
