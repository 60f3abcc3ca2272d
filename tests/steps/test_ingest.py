import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.datasets import decoding
from pipeline_lib.datasets.acceptance import TooManyRejected
from pipeline_lib.datasets.reader import Box, Item, Rejection, Vocabulary
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.datasets.splits import fill_splits
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")


CAT_AND_DOG = Vocabulary(("cat", "dog"))


@dataclass(frozen=True)
class InMemory:
    """A data set whose ``path`` is the key of its image."""

    listed: list = field(default_factory=list)
    images: dict = field(default_factory=dict)
    names: Vocabulary = CAT_AND_DOG

    def vocabulary(self):
        return self.names

    def items(self):
        yield from self.listed

    def sources(self):
        return ()

    def load(self, path, row):
        image = self.images.get(path, np.zeros((2, 3, 3), np.uint8))
        if isinstance(image, Exception):
            raise image
        return image


DRAWN = {
    "by": {"name": "share", "share": 0.5, "seed": 0}, "names": "data/none", "wordnet": "data/none"
}  # fmt: skip


def item(key, split="train", classes=("cat",), **rest):
    return Item(key, split, path=key, classes=classes, **rest)


SOUND = [item("cat"), item("dog", classes=("dog",)), item("test", "test")]


def run(reader, dataset, **changes):
    result = ingest(reader, dataset("in memory", **changes), track=silent)
    for table, frame in (
        (SAMPLES, result.samples),
        (CATEGORIES, result.categories),
        (REJECTED, result.rejected),
    ):
        assert table.check(frame, Path("frame")).equals(frame.sort(table.key))
    return result


def write_folder(root, encoded, paths):
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(encoded(number))


def test_samples_are_sorted_and_labels_are_indices(dataset):
    listed = [
        item("z", classes=("dog", "cat", "dog"), tags=("tree", "grass"), captions=("both", "all")),
        item("a", "test", tags=("tree",), boxes=(Box("tree", 0.0, 0.25, 0.5, 0.75),)),
        item("m", classes=("dog",), row=4, captions=()),
    ]
    names = Vocabulary(("cat", "dog"), ("grass", "moon", "tree"), frozenset({"moon"}))
    result = run(InMemory(listed, names=names), dataset)
    columns = [
        "sample_id",
        "split",
        "classes",
        "tags",
        "captions",
        "width",
        "height",
        "path",
        "row",
    ]
    assert result.samples.select(columns).rows() == [
        ("a", "test", [0], [2], None, 3, 2, "a", None),
        ("m", "train", [1], [], None, 3, 2, "m", 4),
        ("z", "train", [0, 1], [0, 2], ["both", "all"], 3, 2, "z", None),
    ]
    box = {"tag": 2, "x": 0.0, "y": 0.25, "w": 0.5, "h": 0.75}
    assert result.samples["boxes"].to_list() == [[box], None, None]


def test_tags_of_captions_reach_the_tables_with_what_they_leave_open(dataset, tmp_path):
    (tmp_path / "names").write_text("dog\ncat\n")
    several = ("a dog", "a dog", "a cat")
    listed = [item(key, "train", (), captions=several) for key in "abc"]
    listed += [item("t", "test", (), captions=("a cat", "cats"))]
    tags = {"name": "list", "least": 2, "images": 1}
    given = {"tags": tags, "names": str(tmp_path / "names"), "wordnet": "data/none"}
    with pytest.raises(InputError, match=r"found neither classes nor tags, .*captions\.tags"):
        run(InMemory(listed, names=Vocabulary(())), dataset)
    listed[0] = item("a", "train", (), captions=("cats", "a cat"))
    result = run(InMemory(listed, names=Vocabulary(())), dataset, captions=given)
    assert result.categories["name"].to_list() == ["cat", "dog"]
    assert result.samples["sample_id", "tags", "unknown"].rows() == [
        ("a", [0], []), ("b", [1], [0]), ("c", [1], [0]), ("t", [0], []),
    ]  # fmt: skip
    assert "what no caption says counts as absent" in result.remarks.document()["of_reader"][0]


def test_difficult_tags_are_kept_apart_from_tags(dataset):
    listed = [
        *SOUND,
        item("m", tags=("sea",), difficult=("moon", "sea", "fog", "fog")),
        item("n", difficult=()),
    ]
    result = run(
        InMemory(listed, names=Vocabulary(("cat", "dog"), ("fog", "sea", "moon"))), dataset
    )
    rows = result.samples.filter(pl.col("sample_id").is_in(["cat", "m", "n"]))
    assert rows["sample_id", "tags", "difficult"].rows() == [
        ("cat", [], None),
        ("m", [1], [0, 2]),  # the sea is also there in plain sight
        ("n", [], []),
    ]
    counts = dict(result.categories.filter(kind="tag")["name", "train_count"].iter_rows())
    assert counts == {"fog": 0, "sea": 1, "moon": 0}


def test_categories_count_training_images(dataset):
    names = Vocabulary(("dog", "cat"), ("moon", "tree"), frozenset({"moon"}))
    listed = [
        *SOUND,
        item("m", "train", ("cat", "cat"), tags=("tree", "tree")),
        item("n", "test", tags=("moon", "tree")),
    ]
    result = run(InMemory(listed, names=names), dataset)
    assert result.categories.drop("far").rows() == [
        ("class", 0, "dog", True, 1),
        ("class", 1, "cat", True, 2),
        ("tag", 0, "moon", False, 0),
        ("tag", 1, "tree", True, 1),
    ]


def test_pixels_have_the_rows_of_samples(dataset):
    images = {key: np.full((2, 3, 3), ord(key), np.uint8) for key in "dbca"}
    images["c"] = b"damaged"
    listed = [item(key, classes=("cat", "dog")) for key in "dbca"] + [item("test", "test")]
    result = run(InMemory(listed, images), dataset, max_rejected=0.5)
    assert result.storage == "pixels"
    assert result.samples["sample_id"].to_list() == ["a", "b", "d", "test"]
    assert result.pixels[:, 0, 0, 0].tolist() == [ord("a"), ord("b"), ord("d"), 0]
    assert result.rejected.row(0)[:3] == ("c", "not an image", "train")


def test_sha256_covers_shape_and_bytes(dataset):
    images = {"cat": np.zeros((3, 2, 3), np.uint8)}
    result = run(InMemory(SOUND, images), dataset)
    of_cat, of_dog, of_test = result.samples["sha256"]
    assert of_dog == of_test != of_cat
    assert of_cat == hashlib.sha256(b"3x2x3:" + bytes(18)).hexdigest()


def test_a_second_size_makes_references(dataset):
    images = {"dog": np.zeros((2, 4, 3), np.uint8)}
    result = run(InMemory(SOUND, images), dataset)
    assert (result.storage, result.pixels) == ("references", None)
    assert result.samples["width"].to_list() == [3, 4, 3]


@pytest.mark.parametrize(("side", "storage"), [(128, "pixels"), (129, "references")])
def test_large_images_are_references(dataset, side, storage):
    images = dict.fromkeys(("cat", "dog", "test"), np.zeros((2, side, 3), np.uint8))
    assert run(InMemory(SOUND, images), dataset).storage == storage


def test_many_pixels_are_references(dataset, monkeypatch):
    size = 3 * 2 * 3 * 3  # three images
    monkeypatch.setattr(decoding, "MAX_BYTES", size)
    assert run(InMemory(SOUND), dataset).storage == "pixels"
    monkeypatch.setattr(decoding, "MAX_BYTES", size - 1)
    assert run(InMemory(SOUND), dataset).storage == "references"


def test_references_can_be_asked_for(dataset):
    assert run(InMemory(SOUND), dataset, storage="references").pixels is None


def test_pixels_can_be_asked_for_whatever_their_size(dataset):
    images = dict.fromkeys(("cat", "dog", "test"), np.zeros((200, 1, 3), np.uint8))
    result = run(InMemory(SOUND, images), dataset, storage="pixels")
    assert result.pixels.shape == (3, 200, 1, 3)


def test_pixels_of_two_sizes_are_refused(dataset):
    images = {"dog": np.zeros((5, 4, 3), np.uint8)}
    with pytest.raises(InputError, match="'pixels', but images of 3 x 2 and of 4 x 5 pixels"):
        run(InMemory(SOUND, images), dataset, storage="pixels")


@pytest.mark.parametrize(
    ("bad", "reason", "detail"),
    [
        (item("cat", "test"), "duplicate key", "cat, after cat"),
        (item("x", classes=("cat", "bee")), "unknown label", "bee"),
        (item("x", tags=("moon",)), "unknown label", "moon"),
        (item("x", difficult=("fog",)), "unknown label", "fog"),
        (item("x", boxes=(Box("sun", 0, 0, 1, 1),)), "unknown label", "sun"),
        (item("x", classes=()), "no class", "expected at least one"),
        (
            item("x", "2 nd"),
            "bad split name",
            "'2 nd', expected letters, digits and '_', a letter first",
        ),
        (Rejection("x", "said the reader", "why", "val"), "said the reader", "why"),
    ],
)
def test_unusable_items_are_rejected_with_their_reason(dataset, bad, reason, detail):
    result = run(InMemory([*SOUND, bad]), dataset, max_rejected=0.25)
    key = bad.item if isinstance(bad, Rejection) else bad.key
    assert result.rejected.rows() == [(key, reason, bad.split, detail)]
    assert len(result.samples) == 3


@pytest.mark.parametrize(
    ("image", "reason", "detail"),
    [
        (b"", "empty file", "0 bytes"),
        (np.zeros((2, 2), np.uint8), "unreadable image", r"array uint8 \(2, 2\)"),
        (np.zeros((2, 600, 3), np.uint8), "too many pixels", "600 x 2, at most 1000"),
        (FileNotFoundError("gone"), "missing file", "x"),
        (PermissionError("no entry"), "unreadable file", "x: no entry"),
        (PermissionError(13, "no entry", "in memory/x"), "unreadable file", "no entry: 'x'"),
        (ValueError("odd"), "unreadable file", "x: odd"),
    ],
)
def test_undecodable_images_are_rejected_with_their_reason(dataset, image, reason, detail):
    reader = InMemory([*SOUND, item("x", "val")], {"x": image})
    result = run(reader, dataset, max_rejected=0.25, max_pixels=1000)
    key, found, split, text = result.rejected.row(0)
    assert (key, found, split) == ("x", reason, "val")
    assert pl.Series([text]).str.contains(detail)[0]


def test_a_fault_of_the_whole_data_set_is_no_rejection(dataset):
    reader = InMemory(SOUND, {"cat": InputError("catalogue.yaml is gone")})
    with pytest.raises(InputError, match=r"^catalogue\.yaml is gone$"):
        run(reader, dataset, max_rejected=1.0)


def test_one_item_that_fails_thrice_alike_is_one_row(dataset):
    result = run(InMemory([*SOUND, *[item("cat")] * 3]), dataset, max_rejected=0.5)
    rows = [("cat", "duplicate key", "train", "cat, after cat (and 2 more)")]
    assert result.rejected.rows() == rows


def test_too_many_rejections_stop_with_the_commonest_reasons(dataset):
    bad = [item(f"x{i}", classes=()) for i in range(3)] + [item("cat"), item("dog")]
    bad += [item("u", classes=("bee",)), item("v", "?")]
    with pytest.raises(TooManyRejected) as caught:
        run(InMemory([*SOUND, *bad]), dataset, max_rejected=0.69)
    message = str(caught.value)
    assert "7 of 10 items rejected, dataset.max_rejected allows 0.69 of them" in message
    assert "no class (3), duplicate key (2), unknown label (1); for example 'x0'" in message
    assert "rejected.parquet" in message
    assert REJECTED.check(caught.value.rejected, Path("rejected.parquet")).height == 7
    assert len(run(InMemory([*SOUND, *bad]), dataset, max_rejected=0.7).rejected) == 7


def test_a_data_set_without_items_is_refused(dataset):
    with pytest.raises(InputError, match=r"dataset\.path: 'in memory' lists no items"):
        run(InMemory(), dataset)


def test_an_empty_train_split_is_refused(dataset):
    listed = [item("a", "test"), item("b", "test"), item("c", "val")]
    with pytest.raises(InputError, match="split 'train' is empty, found test 2, val 1"):
        run(InMemory(listed), dataset)


def test_an_empty_test_split_is_refused(dataset):
    with pytest.raises(
        InputError, match=r"split 'test' is empty, found train 2; .*dataset\.test_share \(0\)"
    ):
        run(InMemory(SOUND[:2]), dataset)


def test_one_class_is_refused(dataset):
    listed = [item("a"), item("b", "test")]
    with pytest.raises(InputError, match=r"the training images are \['cat'\], expected two"):
        run(InMemory(listed, names=Vocabulary(("cat",))), dataset)


def test_a_class_without_training_image_is_named(dataset):
    names = Vocabulary(("cat", "dog", "otter", "yak"))
    listed = [*SOUND, *(item(f"o{i}", "test", ("otter",)) for i in range(3))]
    expected = r"class 'otter' \(and 1 other classes\) has no training image \(3 in test\)"
    with pytest.raises(InputError, match=expected):
        run(InMemory(listed, names=names), dataset)


def test_a_data_set_may_have_tags_only(dataset):
    listed = [item("a", classes=(), tags=("sky",)), item("b", "test", (), tags=("sky",))]
    result = run(InMemory(listed, names=Vocabulary((), ("sky",))), dataset)
    assert result.categories.drop("far").rows() == [("tag", 0, "sky", True, 1)]


def one_split_without_tags(bare):
    listed = [item(split, split, (), tags=() if split == bare else ("sky",))
              for split in ("train", "test", "val")]  # fmt: skip
    return InMemory(listed, names=Vocabulary((), ("sky",)))


def test_tags_that_no_training_image_carries_are_refused(dataset):
    message = r"no image of split 'train' carries one of the 1 tags \(images with tags: 1 in"
    with pytest.raises(InputError, match=message):
        run(one_split_without_tags("train"), dataset)


def test_a_test_split_without_tags_is_read_and_said(dataset):
    found = run(one_split_without_tags("test"), dataset)
    line = "no image of split 'test' carries a tag: nothing can be measured of tags there"
    assert line in found.remarks.lines()


def test_test_images_without_tags_have_classes_to_be_tested_on(dataset):
    listed = [item("a", classes=("x",), tags=("sky",)), item("b", classes=("y",)),
              item("c", "test", ("x",))]  # fmt: skip
    result = run(InMemory(listed, names=Vocabulary(("x", "y"), ("sky",))), dataset)
    assert len(result.samples) == 3


def test_a_part_that_is_lost_is_listed_and_costs_no_image(dataset):
    odd = Rejection("a, annotation 7", "box without sense", "0 wide", "train", lost=False)
    result = run(InMemory([odd, *SOUND]), dataset)
    assert result.rejected["item"].to_list() == ["a, annotation 7"]


def test_a_data_set_without_labels_is_refused(dataset):
    listed = [item("a", classes=()), item("b", "test", ())]
    with pytest.raises(InputError, match="found neither classes nor tags"):
        run(InMemory(listed, names=Vocabulary(())), dataset)


def split(keys, splits, val=0.0, test=0.0, seed=0):
    return fill_splits(keys, splits, val_share=val, test_share=test, seed=seed)


KEYS = [f"image {i}" for i in range(4000)]


def test_held_out_shares_are_about_those_asked_for():
    counts = Counter(split(KEYS, [None] * 4000, val=0.1, test=0.2))
    # binomial: 800 +- 25 in test; a tenth of the rest, 320 +- 17, in val
    assert abs(counts["test"] - 800) < 100
    assert abs(counts["val"] - 320) < 70
    assert counts.total() == 4000


def test_new_images_move_no_other():
    few = split(KEYS[::7], [None] * len(KEYS[::7]), val=0.1, test=0.2)
    many = dict(zip(KEYS, split(KEYS, [None] * 4000, val=0.1, test=0.2), strict=True))
    assert [many[key] for key in KEYS[::7]] == few


def test_another_seed_holds_out_others():
    assert split(KEYS, [None] * 4000, test=0.2) != split(KEYS, [None] * 4000, test=0.2, seed=1)


def test_a_larger_share_holds_out_more_and_returns_none():
    small = split(KEYS, [None] * 4000, test=0.1)
    large = split(KEYS, [None] * 4000, test=0.2)
    assert all(b == "test" for a, b in zip(small, large, strict=True) if a == "test")


def test_shipped_splits_are_kept():
    shipped = ["train", "val", "test", "test_shift"] * 1000
    assert split(KEYS, shipped, val=0.5, test=0.5) == shipped


def test_val_is_held_out_of_train_only():
    filled = split(KEYS, ["train", "test"] * 2000, val=0.5, test=0.5)
    assert set(filled[1::2]) == {"test"}
    assert set(filled[::2]) == {"train", "val"}


def test_test_is_held_out_of_train_where_none_is_shipped():
    filled = split(KEYS, ["train", "val"] * 2000, val=0.5, test=0.5)
    assert set(filled[1::2]) == {"val"}
    assert set(filled[::2]) == {"train", "test"}


def test_the_number_of_workers_changes_nothing(tmp_path, dataset, encoded, monkeypatch):
    write_folder(tmp_path, encoded, [f"train/{c}/{i}.png" for c in "ab" for i in range(40)])
    write_folder(tmp_path, encoded, ["test/a/0.png"])
    params = dataset(tmp_path)
    reader = open_reader(params)[1]
    alone = ingest(reader, params, track=silent)
    monkeypatch.setenv(WORKERS, "2")
    together = ingest(reader, params, track=silent)
    assert together.samples.equals(alone.samples)
    np.testing.assert_array_equal(together.pixels, alone.pixels)
    assert len(np.unique(alone.pixels.reshape(81, -1), axis=0)) == 80


def test_bad_files_become_rows_of_rejected(tmp_path, dataset, encoded):
    write_folder(tmp_path, encoded, ["train/a/1.png", "train/b ü/2.png", "test/a/3.png"])
    (tmp_path / "train/a/empty.jpg").write_bytes(b"")
    (tmp_path / "train/a/text.png").write_bytes(b"hello")
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    (tmp_path / "train/a/cut.jpg").write_bytes(encoded(noise, "JPEG")[:-400])
    params = dataset(tmp_path, max_rejected=0.5)
    result = ingest(open_reader(params)[1], params, track=silent)
    assert result.rejected["item", "reason"].rows() == [
        ("train/a/cut.jpg", "truncated image"),
        ("train/a/empty.jpg", "empty file"),
        ("train/a/text.png", "not an image"),
    ]
    assert result.samples["sample_id"].to_list() == [
        "test/a/3.png",
        "train/a/1.png",
        "train/b ü/2.png",
    ]


def test_progress_is_reported_by_chunk(dataset):
    seen = []

    def track(items, *, label, total):
        seen.append((label, total))
        yield from items

    listed = [item(f"{i}", classes=("cat", "dog")) for i in range(130)] + [item("t", "test")]
    ingest(InMemory(listed), dataset("in memory"), track=track)
    assert seen == [("decoding images, 64 at a time", 3)]


def test_genuine_photos_with_a_few_unlabelled(shared_data, dataset):
    params = dataset(shared_data / "coco", test_share=0.2, max_rejected=0.01)
    result = ingest(open_reader(params)[1], params, track=silent)
    assert result.storage == "references"
    assert result.rejected["reason"].to_list() == ["no class"] * 5
    assert result.samples["width", "height"].max().row(0) == (256, 256)
    assert set(result.samples["split"]) == {"train", "val", "test"}


def test_genuine_small_pictures_are_kept_as_pixels(shared_data, dataset):
    params = dataset(shared_data / "cifar10" / "cifar-10-batches-py", val_share=0.1)
    result = ingest(open_reader(params)[1], params, track=silent)
    assert result.pixels.shape == (240, 32, 32, 3)
    assert 5 <= result.samples["split"].to_list().count("val") <= 40


def test_unseen_tags_are_taken_out_before_one_tag_is_drawn(dataset, tmp_path):
    names = Vocabulary((), ("fog", "moon", "sea"))
    listed = [
        item(f"{split} {number}", split, classes=(), tags=("fog", "moon", "sea"))
        for split in ("train", "val", "test")
        for number in range(9)
    ]
    (tmp_path / "names").write_text("moon\n")
    result = run(
        InMemory(listed, names=names),
        dataset,
        unseen={"by": {"name": "list"}, "names": str(tmp_path / "names"), "wordnet": "data/none"},
        single_positive={"enabled": True, "seed": 1200},
    )
    tags = {split: rows["tags"].to_list() for (split,), rows in result.samples.group_by("split")}
    assert sorted(set(map(tuple, tags["train"]))) == [(0,), (2,)]
    assert tags["val"] == [[0, 2]] * 9
    assert tags["test"] == [[0, 1, 2]] * 9
    assert result.samples.filter(split="train")["all_tags"].to_list() == [[0, 2]] * 9
    assert result.samples.filter(pl.col("split") != "train")["all_tags"].is_null().all()
    categories = result.categories["name", "seen", "train_count"].rows()
    assert [row[:2] for row in categories] == [("fog", True), ("moon", False), ("sea", True)]
    assert sum(count for _, _, count in categories) == 9


def test_a_picture_that_a_row_names_is_missing_by_its_own_path(tmp_path, dataset):
    struct = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    images = pa.array([{"bytes": None, "path": f"img/{n}.png"} for n in range(4)], struct)
    table = pa.table({"image": images, "label": ["cat", "dog"] * 2})
    pq.write_table(table, tmp_path / "train.parquet")
    params = dataset(tmp_path, max_rejected=0.5)
    with pytest.raises(TooManyRejected) as caught:
        ingest(open_reader(params)[1], params, track=silent)
    assert caught.value.rejected["detail"].to_list() == [f"img/{n}.png" for n in range(4)]


def test_names_that_look_alike_are_named(dataset):
    listed = [item("a", classes=("Cat",)), item("b", classes=("cat",)), item("c", "test", ("cat",))]
    found = run(InMemory(listed, names=Vocabulary(("Cat", "cat"))), dataset)
    assert "names that look alike: 'Cat' / 'cat'" in list(found.remarks.lines())


def test_a_restart_of_ids_is_told_from_bad_data(dataset):
    with pytest.raises(
        TooManyRejected, match=r"duplicate key.*set dataset\.columns\.id to a column"
    ):
        run(InMemory([*SOUND, item("cat")]), dataset)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"unseen": DRAWN}, "dataset.unseen.by"),
        ({"single_positive": {"enabled": True, "seed": 1200}}, "dataset.single_positive.enabled"),
    ],
)
def test_what_is_said_of_tags_is_refused_where_there_are_none(dataset, changes, key):
    with pytest.raises(InputError, match=f"{key}: the data set has no tags, expected some; name"):
        run(InMemory(SOUND), dataset, **changes)


def test_settings_that_the_layout_does_not_read_are_said(dataset):
    found = run(InMemory(SOUND), dataset).remarks
    idle = replace(found, idle_settings=("columns.tags", "tag_matrix"))
    said = "dataset.columns.tags, dataset.tag_matrix: set, and not read in this layout, which"
    assert next(iter(set(idle.lines()) - set(found.lines()))).startswith(said)
    assert idle.document()["idle_settings"] == ("columns.tags", "tag_matrix")
