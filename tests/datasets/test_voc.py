import pickle
import shutil

import polars as pl
import pytest
from PIL import Image

from pipeline_lib.datasets import voc
from pipeline_lib.datasets.reader import Box, Item, LeftOut, Rejection
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest

# The form of the devkit's documentation, with the parts of a person that its layout task adds.
ANNOTATION = """\
<annotation>
  <folder>VOC2007</folder>
  <filename>{image}.jpg</filename>
  <source><database>The VOC2007 Database</database><image>flickr</image></source>
  <size><width>100</width><height>50</height><depth>3</depth></size>
  <segmented>0</segmented>
  {objects}
</annotation>
"""
OBJECT = """\
<object>
  <name>{name}</name><pose>Left</pose><truncated>0</truncated>{difficult}
  <bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox>
  <part><name>head</name>
    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
</object>
"""


def thing(name, difficult="<difficult>0</difficult>", x0=1, y0=1, x1=100, y1=50):
    return OBJECT.format(name=name, difficult=difficult, x0=x0, y0=y0, x1=x1, y1=y1)


def hard(name):
    return thing(name, "<difficult>1</difficult>")


def write_year(root, lists, annotations, year="VOC2007"):
    for name, images in lists.items():
        path = root / year / "ImageSets" / "Main" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{image}\n" for image in images))
    for image, objects in annotations.items():
        path = root / year / "Annotations" / f"{image}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ANNOTATION.format(image=image, objects=objects))
    return root


@pytest.fixture
def devkit(tmp_path):
    lists = {"train": ["000001"], "val": ["000002"], "trainval": ["000001", "000002"],
             "test": ["000003"]}  # fmt: skip
    annotations = {
        "000001": thing("person", x0=11, y0=6, x1=60, y1=30) + hard("person") + hard("dog"),
        "000002": thing("cat", difficult=""),
        "000003": hard("chair"),
    }
    return write_year(tmp_path, lists, annotations)


def items(root, dataset):
    return list(voc.open_reader(root, dataset(root)).items())


def test_objects_are_tags_and_boxes(devkit, dataset):
    first = items(devkit, dataset)[0]
    # pixels 11…60 of 100 and 6…30 of 50, counted from 1: 50 and 25 pixels, 10 and 5 before them
    assert first.boxes == (Box("person", 0.1, 0.1, 0.5, 0.5),)
    assert (first.key, first.path) == ("VOC2007/000001", "VOC2007/JPEGImages/000001.jpg")
    assert first.classes == ()


def test_a_category_is_difficult_where_no_object_of_it_is_in_plain_sight(devkit, dataset):
    found = [(item.tags, item.difficult) for item in items(devkit, dataset)]
    assert found == [(("person",), ("dog",)), (("cat",), ()), ((), ("chair",))]


def test_the_vocabulary_holds_difficult_names_and_no_parts(devkit, dataset):
    names = voc.open_reader(devkit, dataset(devkit)).vocabulary()
    assert (names.classes, names.tags) == ((), ("cat", "chair", "dog", "person"))


def test_trainval_is_trained_on_where_a_test_set_is_annotated(devkit, dataset):
    assert [item.split for item in items(devkit, dataset)] == ["train", "train", "test"]


def test_val_is_tested_on_where_test_labels_are_not_published(devkit, dataset):
    (devkit / "VOC2007" / "Annotations" / "000003.xml").unlink()
    found = [(item.key, item.split) for item in items(devkit, dataset)]
    assert found == [("VOC2007/000001", "train"), ("VOC2007/000002", "test")]


def test_several_years_make_one_data_set(devkit, dataset):
    write_year(devkit, {"train": ["2008_1"], "val": ["2008_2"]},
               {"2008_1": thing("sheep"), "2008_2": thing("cow")}, "VOC2012")  # fmt: skip
    found = {item.key: item.split for item in items(devkit, dataset)}
    assert found == {
        "VOC2007/000001": "train", "VOC2007/000002": "train", "VOC2007/000003": "test",
        "VOC2012/2008_1": "train", "VOC2012/2008_2": "train",
    }  # fmt: skip


def test_the_folder_of_one_year_gives_the_same_keys(devkit, dataset):
    year = items(devkit / "VOC2007", dataset)
    assert [item.key for item in year] == [item.key for item in items(devkit, dataset)]
    assert year[0].path == "JPEGImages/000001.jpg"


def test_lists_with_signs_are_read(devkit, dataset):
    path = devkit / "VOC2007" / "ImageSets" / "Main" / "test.txt"
    path.write_text("000003  1\n\n")
    assert items(devkit, dataset)[-1].key == "VOC2007/000003"


def test_boxes_end_at_the_image(tmp_path, dataset):
    write_year(tmp_path, {"train": ["a"]}, {"a": thing("cat", x0=0, y0=1, x1=120, y1=50)})
    assert items(tmp_path, dataset)[0].boxes == (Box("cat", 0.0, 0.0, 1.0, 1.0),)


SIZE = "<size><width>100</width><height>50</height>"


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("<annotation>", "unreadable annotation", "no element found"),
        (f"<annotation>{SIZE}</size><object><name> </name></object></annotation>",
         "unreadable annotation", "<name> is missing in <object>"),
        ("<html></html>", "unreadable annotation", "found <html>, expected <annotation>"),
        ('<?xml version="1.0" encoding="unicode"?><annotation/>',
         "unreadable annotation", "unknown encoding"),
        ('<?xml version="1.0" encoding="ANSI"?><annotation/>', "unreadable annotation", "ANSI"),
        ('<?xml version="1.0" encoding="big5"?><annotation/>', "unreadable annotation", "multi-b"),
        (f"<annotation>{thing('cat', '<difficult>perhaps</difficult>')}</annotation>",
         "unreadable annotation", "<difficult> of 'cat': a flag is 'perhaps', expected 0 or 1"),
        (None, "missing annotation", "Annotations/b.xml"),
    ],
)  # fmt: skip
def test_an_image_whose_annotation_is_unusable_is_rejected(tmp_path, dataset, text, reason, detail):
    write_year(tmp_path, {"train": ["a", "b"]}, {"a": thing("cat")})
    if text is not None:
        (tmp_path / "VOC2007" / "Annotations" / "b.xml").write_text(text)
    good, bad = items(tmp_path, dataset)
    assert isinstance(good, Item)
    assert isinstance(bad, Rejection)
    assert (bad.item, bad.reason, bad.split) == ("VOC2007/b", reason, "train")
    assert detail in bad.detail


def test_a_folder_without_lists_is_refused(tmp_path, dataset):
    assert not voc.detect(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"no ImageSets/Main/\*\.txt found .*expected VOCdevkit"):
        items(tmp_path, dataset)


def test_lists_without_annotations_are_refused(shared_data, dataset):
    devkit = shared_data / "voc2007" / "VOCdevkit"
    with pytest.raises(InputError, match="no annotated object found, expected Annotations/<image>"):
        voc.open_reader(devkit, dataset(devkit)).vocabulary()


def test_ingested_with_genuine_photos(shared_data, tmp_path, dataset):
    photos = shared_data / "voc2007" / "VOCdevkit" / "VOC2007" / "JPEGImages"
    images = sorted(path.stem for path in photos.glob("*.jpg"))
    write_year(tmp_path, {"trainval": images[:8], "test": images[8:]},
               {image: thing("dog") + hard("cat") for image in images})  # fmt: skip
    shutil.copytree(photos, tmp_path / "VOC2007" / "JPEGImages")
    for image in images:
        with Image.open(photos / f"{image}.jpg") as photo:
            size = "<width>{}</width><height>{}</height>".format(*photo.size)
        path = tmp_path / "VOC2007" / "Annotations" / f"{image}.xml"
        path.write_text(path.read_text().replace("<width>100</width><height>50</height>", size))
    name, reader = open_reader(dataset(tmp_path))
    assert name == "voc"
    found = ingest(pickle.loads(pickle.dumps(reader)), dataset(tmp_path), track=silent)
    assert found.rejected.is_empty()
    assert found.samples["split"].value_counts().sort("split").rows() == [
        ("test", len(images) - 8),
        ("train", 8),
    ]
    assert found.samples["tags", "difficult"].unique().rows() == [([1], [0])]
    assert found.categories.filter(pl.col("kind") == "tag")["train_count"].to_list() == [0, 8]


def write_pictures(root, encoded, files, year="VOC2007", size=(100, 50)):
    folder = root / year / "JPEGImages"
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        (folder / file).write_bytes(encoded(number, size=size))


@pytest.mark.parametrize(
    ("edges", "detail"),
    [
        ({"x0": "nan"}, "box of 'cat' is nan, 0 to 100, 50, expected numbers"),
        ({"x1": "inf"}, "box of 'cat' is 0, 0 to inf, 50, expected numbers"),
        ({"x0": 9, "x1": 3}, "box of 'cat' is 8, 0 to 3, 50, expected an area inside 100 x 50"),
        ({"x0": 101, "x1": 120}, "box of 'cat' is 100, 0 to 120, 50, expected an area inside 100"),
        ({"x0": "left"}, "its box is 'left', '1', '100', '50', expected numbers"),
        ({"y1": ""}, "its box is '1', '1', '100', '', expected numbers"),
    ],
)
def test_a_box_without_sense_is_named_and_its_image_keeps_the_tag(tmp_path, dataset, edges, detail):
    objects = thing("dog") + thing("cat", **edges)
    write_year(tmp_path, {"train": ["a"]}, {"a": objects})
    bad, item = items(tmp_path, dataset)
    assert (bad.item, bad.reason) == ("VOC2007/a, object 2 (cat)", "box without sense")
    assert not bad.lost
    assert bad.detail.startswith(detail)
    assert item.tags == ("cat", "dog")
    assert [box.tag for box in item.boxes] == ["dog"]


def test_an_object_without_a_box_is_a_tag(tmp_path, dataset):
    write_year(tmp_path, {"train": ["a"]}, {"a": "<object><name>cat</name></object>"})
    (item,) = items(tmp_path, dataset)
    assert (item.tags, item.boxes) == (("cat",), ())


@pytest.mark.parametrize("size", ["", "<size><width>0</width><height>0</height></size>"])
def test_a_size_that_is_not_said_is_that_of_the_picture(tmp_path, dataset, encoded, size):
    write_year(tmp_path, {"train": ["a"]}, {})
    path = tmp_path / "VOC2007" / "Annotations" / "a.xml"
    path.parent.mkdir()
    path.write_text(f"<annotation>{size}{thing('cat')}</annotation>")
    write_pictures(tmp_path, encoded, ["a.jpg"], size=(200, 100))
    (item,) = items(tmp_path, dataset)
    assert item.boxes == (Box("cat", 0.0, 0.0, 0.5, 0.5),)
    assert item.annotated is None


def test_the_size_that_an_annotation_speaks_of_is_handed_on(devkit, dataset):
    assert [item.annotated for item in items(devkit, dataset)] == [(100, 50), (100, 50), None]


BLANKS = [f"IMG {number}" for number in range(-1, 4)]


@pytest.mark.parametrize("names", [BLANKS, [*BLANKS, "p1"], ["IMG 0"], ["IMG 1", "IMG"]])
def test_names_may_hold_blanks(tmp_path, dataset, names):
    write_year(tmp_path, {"train": names}, dict.fromkeys(names, thing("cat")))
    found = {item.key: item.path for item in items(tmp_path, dataset)}
    assert found == {f"VOC2007/{name}": f"VOC2007/JPEGImages/{name}.jpg" for name in names}


def test_images_with_blanks_and_without_annotation_are_rejected_one_by_one(tmp_path, dataset):
    write_year(tmp_path, {"train": [*BLANKS, "a"]}, {"a": thing("cat")})
    found = [item.item for item in items(tmp_path, dataset) if isinstance(item, Rejection)]
    assert found == [f"VOC2007/{name}" for name in sorted(BLANKS)]


@pytest.mark.parametrize("sign", ["  1", " -1", "  0", "\t1", ".jpg", ".xml"])
def test_a_line_may_go_on_after_the_name(tmp_path, dataset, sign):
    write_year(tmp_path, {"train": [f"a{sign}", f"b{sign}"]}, {"a": thing("cat")})
    good, bad = items(tmp_path, dataset)
    assert good.key == "VOC2007/a"
    assert bad.reason == "missing annotation"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lists_may_have_a_byte_order_mark(devkit, dataset, encoding):
    path = devkit / "VOC2007" / "ImageSets" / "Main" / "test.txt"
    path.write_text("000003\r\n", encoding=encoding, newline="")
    assert items(devkit, dataset)[-1].key == "VOC2007/000003"


def test_a_list_that_is_no_text_is_refused(devkit, dataset):
    (devkit / "VOC2007" / "ImageSets" / "Main" / "test.txt").write_bytes(b"000001\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"test\.txt: line 2: byte 0xe9 is no text in UTF-8"):
        items(devkit, dataset)


@pytest.mark.parametrize("image", ["../../../secret", "/secret", "..\\secret", "C:\\secret"])
def test_a_path_out_of_the_data_set_is_refused(devkit, dataset, image):
    for folder in (devkit, devkit.parent):
        (folder / "secret.xml").write_text(ANNOTATION.format(image=image, objects=thing("spy")))
    with (devkit / "VOC2007" / "ImageSets" / "Main" / "trainval.txt").open("a") as file:
        file.write(f"{image}\n")
    (bad,) = [item for item in items(devkit, dataset) if isinstance(item, Rejection)]
    assert (bad.reason, bad.detail) == ("path outside the data set", repr(image))
    assert "spy" not in voc.open_reader(devkit, dataset(devkit)).vocabulary().tags


@pytest.mark.parametrize("said", ["../../secret.jpg", "/etc/passwd", "", "000009.jpg"])
def test_a_picture_is_where_its_image_says_and_nowhere_else(tmp_path, dataset, encoded, said):
    """Annotations are copied with the name of another picture in them."""
    write_year(tmp_path, {"train": ["a", "000009"]}, {"a": thing("x"), "000009": thing("y")})
    path = tmp_path / "VOC2007" / "Annotations" / "a.xml"
    path.write_text(path.read_text().replace("a.jpg", said))
    write_pictures(tmp_path, encoded, ["000009.jpg"])
    assert items(tmp_path, dataset)[1].path == "VOC2007/JPEGImages/a.jpg"


@pytest.mark.parametrize("file", ["a.png", "a.JPG", "a.jpeg", "a.webp", "b.png"])
def test_pictures_have_the_extension_that_lies_there(tmp_path, dataset, encoded, file):
    write_year(tmp_path, {"train": ["a"]}, {"a": thing("cat")})
    path = tmp_path / "VOC2007" / "Annotations" / "a.xml"
    path.write_text(path.read_text().replace("a.jpg", "b.png"))
    write_pictures(tmp_path, encoded, [file])
    assert items(tmp_path, dataset)[0].path == f"VOC2007/JPEGImages/{file}"


def test_of_several_pictures_of_one_name_the_annotation_says_which(tmp_path, dataset, encoded):
    write_year(tmp_path, {"train": ["a", "b"]}, dict.fromkeys("ab", thing("cat")))
    path = tmp_path / "VOC2007" / "Annotations" / "a.xml"
    path.write_text(path.read_text().replace("a.jpg", "a.png"))
    write_pictures(tmp_path, encoded, ["a.jpg", "a.png", "b.jpg", "b.png"])
    assert [item.path for item in items(tmp_path, dataset)] == [
        "VOC2007/JPEGImages/a.png",
        "VOC2007/JPEGImages/b.jpg",
    ]


def test_names_in_lists_and_of_files_may_be_of_two_unicode_forms(tmp_path, dataset, encoded):
    write_year(tmp_path, {"train": ["caf\u00e9"]}, {"cafe\u0301": thing("cr\u00e8me")})
    write_pictures(tmp_path, encoded, ["cafe\u0301.jpg"])
    (item,) = items(tmp_path, dataset)
    assert item.path == "VOC2007/JPEGImages/cafe\u0301.jpg"
    assert voc.open_reader(tmp_path, dataset(tmp_path)).vocabulary().tags == ("cr\u00e8me",)


def test_opening_reads_no_annotation(devkit, dataset, monkeypatch):
    reader = voc.open_reader(devkit, dataset(devkit))
    assert len(list(reader.items())) == 3
    monkeypatch.setattr(voc, "read_annotation", None)
    assert len(list(reader.items())) == 3
    copy = pickle.loads(pickle.dumps(reader))
    assert vars(copy) == {"root": devkit, "years": ("VOC2007",)}


def test_lists_and_annotations_of_listed_images_are_sources(devkit, dataset):
    (devkit / "VOC2007" / "Annotations" / "000009.xml").write_text("<annotation/>")
    found = set(voc.open_reader(devkit, dataset(devkit)).sources())
    assert found == {
        *(f"VOC2007/ImageSets/Main/{name}.txt" for name in ("train", "val", "trainval", "test")),
        *(f"VOC2007/Annotations/00000{number}.xml" for number in (1, 2, 3)),
    }


def test_pictures_without_published_annotation_are_left_out_by_name(devkit, dataset, encoded):
    (devkit / "VOC2007" / "Annotations" / "000003.xml").unlink()
    write_pictures(devkit, encoded, ["000003.jpg"])
    assert items(devkit, dataset)[-1] == LeftOut(
        "VOC2007/000003", "annotation not published", "VOC2007/JPEGImages/000003.jpg"
    )


def test_every_file_of_a_devkit_is_accounted_for(devkit, dataset, encoded):
    folder = devkit / "VOC2007"
    files = ["000001.jpg", "000002.png", "000003.jpg", "000004.jpg", "000009.jpg"]
    write_pictures(devkit, encoded, files)
    path = folder / "Annotations" / "000003.xml"
    path.write_text(path.read_text().replace("<difficult>1", "<difficult>0"))
    with (folder / "ImageSets" / "Main" / "test.txt").open("a") as lines:
        lines.write("000004\n000005\n")
    (folder / "Annotations" / "000004.xml").write_text("<annotation>")
    (folder / "Annotations" / "000009.xml").write_text("<annotation/>")
    (folder / "JPEGImages" / "notes.md").write_text("n")
    params = dataset(devkit, max_rejected=1.0)
    found = ingest(voc.open_reader(devkit, params), params, track=silent)
    assert found.account.used == {"test": 1, "train": 2}
    assert found.account.rejected == {"missing annotation": 1, "unreadable annotation": 1}
    assert found.account.ignored == {
        "an image that no list names": 1, "a table that is not read: .xml": 1,
        "not an image: .md": 1,
    }  # fmt: skip
    assert found.account.sources == 8  # four lists, four annotations


def test_without_lists_all_that_is_annotated_is_read_and_has_no_split(tmp_path, dataset, encoded):
    write_year(tmp_path, {}, {"b": thing("cat"), "a": thing("dog")})
    assert not voc.detect(tmp_path)
    write_pictures(tmp_path, encoded, ["a.png", "b.jpg", "c.jpg"])
    assert voc.detect(tmp_path)
    assert voc.detect(tmp_path / "VOC2007")
    found = [(item.key, item.split, item.path) for item in items(tmp_path, dataset)]
    assert found == [
        ("VOC2007/a", None, "VOC2007/JPEGImages/a.png"),
        ("VOC2007/b", None, "VOC2007/JPEGImages/b.jpg"),
    ]
