import pickle

import polars as pl
import pytest

from pipeline_lib.datasets import voc
from pipeline_lib.datasets.ingest import ingest
from pipeline_lib.datasets.reader import Box, Item, Rejection
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent

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
        ("<annotation></annotation>", "unreadable annotation", "<size/width> is missing"),
        ("<annotation><size><width>0</width><height>5</height></size></annotation>",
         "unreadable annotation", "size is 0 x 5, expected pixels"),
        (ANNOTATION.format(image="b", objects=thing("cat", x0=9, x1=3)),
         "unreadable annotation", "box of 'cat' is 9, 1 to 3, 50, expected an area"),
        (ANNOTATION.format(image="b", objects=thing("cat", x0="left")),
         "unreadable annotation", "could not convert string to float: 'left'"),
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
        items(devkit, dataset)


def test_ingested_with_genuine_photos(shared_data, tmp_path, dataset):
    photos = shared_data / "voc2007" / "VOCdevkit" / "VOC2007" / "JPEGImages"
    images = sorted(path.stem for path in photos.glob("*.jpg"))
    write_year(tmp_path, {"trainval": images[:8], "test": images[8:]},
               {image: thing("dog") + hard("cat") for image in images})  # fmt: skip
    (tmp_path / "VOC2007" / "JPEGImages").symlink_to(photos)
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
