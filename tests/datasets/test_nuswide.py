import pytest

from pipeline_lib.datasets import nuswide
from pipeline_lib.datasets.reader import Item, LeftOut, Rejection
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest

CONCEPTS = ("animal", "birds", "map")  # no user wrote "map"
TAGS = ("nature", "animal", "bird", "birds")
IMAGES = {  # users' tags, then concepts, as columns of the two lists
    "zoo\\0001_11.jpg": ("Train", [0, 1], [0]),
    "zoo\\0002_12.jpg": ("Train", [1, 3], [1]),  # no seen tag
    "sky\\0003_13.jpg": ("Train", [2], []),
    "sky\\0004_14.jpg": ("Test", [0, 2, 3], [1, 2]),
    "sky\\0005_15.jpg": ("Test", [], []),
}


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\r\n" for row in rows), newline="")


def digits(carried, width, separator="\t"):
    return separator.join("1" if column in carried else "0" for column in range(width)) + separator


def write(root, *, own=True, whole=True, split=True):
    """Write the lists and labels: of the splits (``own``), of all images (``whole``)."""
    lines(root / "ConceptsList/Concepts81.txt", CONCEPTS)
    lines(root / "NUS_WID_Tags/TagList1k.txt", TAGS)
    lines(root / "ImageList/Imagelist.txt", sorted(IMAGES))
    truth = root / "Groundtruth"
    for part in ("Train", "Test"):
        rows = {image: row for image, row in IMAGES.items() if row[0] == part}
        if split:
            lines(root / f"ImageList/{part}Imagelist.txt", rows)
        if own:
            tags = [digits(tags, 4) for _, tags, _ in rows.values()]
            lines(root / f"NUS_WID_Tags/{part}_Tags1k.dat", tags)
            for column, name in enumerate(CONCEPTS):
                column = [int(column in found) for _, _, found in rows.values()]
                lines(truth / f"TrainTestLabels/Labels_{name}_{part}.txt", column)
    if whole:
        every = [IMAGES[image] for image in sorted(IMAGES)]
        lines(root / "NUS_WID_Tags/AllTags1k.txt", [digits(tags, 4) for _, tags, _ in every])
        for column, name in enumerate(CONCEPTS):
            column = [int(column in found) for _, _, found in every]
            lines(truth / f"AllLabels/Labels_{name}.txt", column)
    return root


def opened(root, dataset, vocabulary="seen_925_unseen_81"):
    return nuswide.open_reader(root, dataset(root, nuswide={"vocabulary": vocabulary}))


def tags_of(reader):
    return {item.key: (item.split, item.tags) for item in reader.items() if isinstance(item, Item)}


def test_concepts_are_what_people_judged(tmp_path, dataset):
    reader = opened(write(tmp_path), dataset, "concepts_81")
    assert reader.vocabulary().tags == CONCEPTS
    assert tags_of(reader) == {
        "zoo/0001_11.jpg": ("train", ("animal",)),
        "zoo/0002_12.jpg": ("train", ("birds",)),
        "sky/0003_13.jpg": ("train", ()),
        "sky/0004_14.jpg": ("test", ("birds", "map")),
        "sky/0005_15.jpg": ("test", ()),
    }


def test_tags_are_what_users_wrote(tmp_path, dataset):
    reader = opened(write(tmp_path), dataset, "tags_1000")
    assert reader.vocabulary().tags == TAGS
    assert tags_of(reader)["zoo/0002_12.jpg"] == ("train", ("animal", "birds"))
    assert tags_of(reader)["sky/0004_14.jpg"] == ("test", ("nature", "bird", "birds"))


def test_unseen_concepts_are_never_read_of_training_images(tmp_path, dataset):
    reader = opened(write(tmp_path), dataset)
    assert reader.vocabulary().tags == ("nature", "bird", *CONCEPTS)
    assert reader.vocabulary().unseen == set(CONCEPTS)
    assert tags_of(reader) == {  # users' "birds" count nowhere; an image without a seen tag is out
        "zoo/0001_11.jpg": ("train", ("nature",)),
        "sky/0003_13.jpg": ("train", ("bird",)),
        "sky/0004_14.jpg": ("test", ("nature", "bird", "birds", "map")),
        "sky/0005_15.jpg": ("test", ()),
    }


@pytest.mark.parametrize("vocabulary", ["concepts_81", "tags_1000", "seen_925_unseen_81"])
def test_labels_of_all_images_and_of_each_split_say_the_same(tmp_path, dataset, vocabulary):
    of_splits = opened(write(tmp_path / "own", whole=False), dataset, vocabulary)
    of_all = opened(write(tmp_path / "all", own=False), dataset, vocabulary)
    assert list(of_splits.items()) == list(of_all.items())


def test_without_lists_of_the_splits_none_is_known(tmp_path, dataset):
    root = write(tmp_path, own=False, split=False)
    found = tags_of(opened(root, dataset, "concepts_81"))
    assert found["sky/0004_14.jpg"] == (None, ("birds", "map"))
    with pytest.raises(InputError, match=r"found ImageList/Imagelist.txt alone, expected .*Train"):
        opened(root, dataset)


@pytest.mark.parametrize(
    "place",
    ["Flickr/sky/0004_14.jpg", "images/sky/0004_14.jpg", "images/sky_0004_14.jpg",
     "images/0004_14.jpg", "images/sky/0004_14.JPG", "Flickr/sky/0004_14.png"],
)  # fmt: skip
def test_images_are_found_where_copies_of_the_data_set_have_them(tmp_path, dataset, place):
    reader = opened(write(tmp_path), dataset)
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(b"a photo")
    (item,) = (item for item in reader.items() if isinstance(item, Item) and "0004" in item.key)
    assert item.path == place
    assert reader.load(item.path, item.row) == b"a photo"


def test_missing_images_are_rejected_and_the_rest_is_ingested(tmp_path, dataset, encoded):
    write(tmp_path)
    for number, image in enumerate(sorted(IMAGES)):
        if "0005" not in image:
            path = tmp_path / "Flickr" / image.replace("\\", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(number))
    params = dataset(tmp_path, max_rejected=0.3)
    name, reader = open_reader(params)
    found = ingest(reader, params, track=silent)
    assert name == "nuswide"
    assert found.rejected["item", "reason"].rows() == [("sky/0005_15.jpg", "missing file")]
    assert found.categories["name", "seen", "train_count"].rows() == [
        ("nature", True, 1), ("bird", True, 1),
        ("animal", False, 0), ("birds", False, 0), ("map", False, 0),
    ]  # fmt: skip


def test_a_path_out_of_the_data_set_is_rejected(tmp_path, dataset):
    write(tmp_path, own=False, split=False)
    lines(tmp_path / "ImageList/Imagelist.txt", [*sorted(IMAGES)[:4], "..\\..\\secret.jpg"])
    found = list(opened(tmp_path, dataset, "concepts_81").items())
    assert isinstance(found[3], Item)
    assert found[4] == Rejection(
        "../../secret.jpg", "path outside the data set", "../../secret.jpg"
    )


def drop(name):
    return lambda root: (root / name).unlink()


def spoil(name, rows):
    return lambda root: lines(root / name, rows)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop("ConceptsList/Concepts81.txt"), r"expected ConceptsList/Concepts81.txt and ImageL"),
        (drop("NUS_WID_Tags/TagList1k.txt"), r"TagList1k.txt: missing, expected a text"),
        (drop("NUS_WID_Tags/Test_Tags1k.dat"),
         r"no labels of ImageList/TestImagelist.txt, expected NUS_WID_Tags/Test_Tags1k.dat, or"),
        (drop("Groundtruth/TrainTestLabels/Labels_map_Test.txt"), r"Labels_map_Test.txt: missing"),
        (drop("Groundtruth/TrainTestLabels/Labels_animal_Test.txt"),
         r"expected Groundtruth/TrainTestLabels/Labels_\*_Test.txt, or Groundtruth/AllLabels"),
        (spoil("Groundtruth/TrainTestLabels/Labels_map_Test.txt", [0, 1, 1]),
         r"Labels_map_Test.txt: has 3 rows, expected 2, one for each line of ImageList/TestImage"),
        (spoil("Groundtruth/TrainTestLabels/Labels_map_Test.txt", [0, 2]), r"holds '2', expected"),
        (spoil("NUS_WID_Tags/Test_Tags1k.dat", [digits([0], 4), digits([0], 5)]),
         r"Test_Tags1k.dat: line 2 has 5 digits, expected 4"),
        (spoil("NUS_WID_Tags/Test_Tags1k.dat", [digits([0], 4)]),
         r"Test_Tags1k.dat: has 1 rows, expected 2"),
        (spoil("NUS_WID_Tags/TagList1k.txt", ["sky", "sky"]), r"names 'sky' twice"),
    ],
)  # fmt: skip
def test_a_damaged_copy_is_refused(tmp_path, dataset, damage, message):
    damage(write(tmp_path, whole=False))
    with pytest.raises(InputError, match=message):
        list(opened(tmp_path, dataset).items())


def test_a_list_of_all_images_that_lacks_one_is_refused(tmp_path, dataset):
    write(tmp_path, own=False)
    lines(tmp_path / "ImageList/Imagelist.txt", sorted(IMAGES)[:4])
    with pytest.raises(InputError, match=r"Imagelist.txt: has no line 'zoo/0002_12.jpg', which"):
        list(opened(tmp_path, dataset, "concepts_81").items())


def test_the_genuine_lists_are_read(shared_data, dataset):
    root = shared_data / "nuswide" / "mini"
    found = list(opened(root, dataset, "concepts_81").items())
    assert len(found) == 200
    assert {item.split for item in found} == {"test"}
    assert found[1].key == "aircraft_carrier/0025_2092603462.jpg"
    assert found[1].tags == ("clouds", "military", "ocean", "sky", "water")
    with pytest.raises(InputError, match=r"no labels of ImageList/TestImagelist.txt"):
        list(opened(root, dataset).items())


def test_genuine_rows_agree_with_the_table_of_all_labels(shared_data, dataset):
    import polars as pl

    folder = shared_data / "nuswide"
    table = pl.read_parquet(folder / "concepts81_labels.parquet").filter(split="test")
    names = (folder / "Concepts81.txt").read_text().split()
    labels = {
        file: sorted(names[i] for i in row)
        for file, row in table.select("file_name", "labels").iter_rows()
    }
    for item in opened(folder / "mini", dataset, "concepts_81").items():
        assert sorted(item.tags) == labels[item.key.replace("/", "_")]


def test_the_genuine_vocabularies_have_their_published_sizes(shared_data, dataset):
    root, folder = shared_data / "nuswide" / "mini", shared_data / "nuswide"
    names = opened(root, dataset).vocabulary()
    seen = [name for name in names.tags if name not in names.unseen]
    assert (len(names.tags), len(seen), len(names.unseen)) == (1006, 925, 81)
    assert seen == (folder / "seen_tags_925.txt").read_text().split()
    assert names.tags[925:] == opened(root, dataset, "concepts_81").vocabulary().tags
    written = set(opened(root, dataset, "tags_1000").vocabulary().tags)
    assert len(written) == 1000
    assert names.unseen - written == {"computer", "fire", "map", "swimmers", "tattoo", "whales"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lists_may_have_a_byte_order_mark(tmp_path, dataset, encoding):
    expected = tags_of(opened(write(tmp_path), dataset))
    lists = ["ConceptsList/Concepts81.txt", "NUS_WID_Tags/TagList1k.txt",
             *(f"ImageList/{part}Imagelist.txt" for part in ("Train", "Test"))]  # fmt: skip
    for name in lists:
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text, encoding=encoding, newline="")
    assert tags_of(opened(tmp_path, dataset)) == expected


@pytest.mark.parametrize(
    "name", ["ConceptsList/Concepts81.txt", "NUS_WID_Tags/TagList1k.txt", "ImageList/Imagelist.txt"]
)
def test_a_list_that_is_no_text_or_empty_is_refused(tmp_path, dataset, name):
    write(tmp_path, own=False, split=False)
    (tmp_path / name).write_bytes(b"caf\xe9\n")
    vocabulary = "tags_1000" if "Tag" in name else "concepts_81"
    with pytest.raises(InputError, match=rf"{name}: line 1: byte 0xe9 is no text in UTF-8"):
        list(opened(tmp_path, dataset, vocabulary).items())
    (tmp_path / name).write_bytes(b"\n\n")
    with pytest.raises(InputError, match=rf"{name}: (is empty|lists no image), expected"):
        list(opened(tmp_path, dataset, vocabulary).items())


@pytest.mark.parametrize(
    "image", ["..\\secret.jpg", "/secret.jpg", "C:\\secret.jpg", "a/../../b.jpg"]
)
def test_a_path_of_any_kind_out_of_the_data_set_is_rejected(tmp_path, dataset, image):
    write(tmp_path)
    for name in ("ImageList/TestImagelist.txt", "ImageList/Imagelist.txt"):
        text = (tmp_path / name).read_text().replace("sky\\0005_15.jpg", image)
        (tmp_path / name).write_text(text)
    found = [item for item in opened(tmp_path, dataset).items() if isinstance(item, Rejection)]
    assert [(bad.reason, bad.split) for bad in found] == [("path outside the data set", "test")]


def test_training_images_without_a_seen_tag_are_left_out_by_name(tmp_path, dataset):
    found = [item for item in opened(write(tmp_path), dataset).items() if isinstance(item, LeftOut)]
    assert found == [LeftOut("zoo/0002_12.jpg", "no seen tag", "Flickr/zoo/0002_12.jpg")]


def test_a_byte_order_mark_at_the_head_of_labels_is_skipped(tmp_path, dataset):
    expected = tags_of(opened(write(tmp_path), dataset))
    for path in (*tmp_path.rglob("*.dat"), *tmp_path.rglob("Labels_*.txt")):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert tags_of(opened(tmp_path, dataset)) == expected
