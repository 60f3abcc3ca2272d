import os

import pytest

from pipeline_lib.datasets import image_folder
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError


def fill(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def opened(root, dataset, **columns):
    return image_folder.open_reader(root, dataset(root, columns=columns))


def listed(root, dataset, text, **columns):
    (root / "labels.csv").write_text(text, encoding="utf-8")
    return opened(root, dataset, **columns)


def test_folders_are_splits_and_classes(tmp_path, dataset):
    fill(tmp_path, "train/dog/1.jpg", "train/cat/2.jpg", "validation/cat/3.jpg", "test/cat/4.jpg")
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary() == Vocabulary(("cat", "dog"))
    assert list(reader.items()) == [
        Item("test/cat/4.jpg", "test", "test/cat/4.jpg", classes=("cat",)),
        Item("train/cat/2.jpg", "train", "train/cat/2.jpg", classes=("cat",)),
        Item("train/dog/1.jpg", "train", "train/dog/1.jpg", classes=("dog",)),
        Item("validation/cat/3.jpg", "val", "validation/cat/3.jpg", classes=("cat",)),
    ]
    assert reader.load("test/cat/4.jpg", None) == b"test/cat/4.jpg"


def test_folders_may_be_classes_only(tmp_path, dataset):
    fill(tmp_path, "dog/1.jpg", "cat/2.jpg")
    reader = opened(tmp_path, dataset)
    assert [(item.split, item.classes) for item in reader.items()] == [
        (None, ("cat",)),
        (None, ("dog",)),
    ]


def test_folders_below_the_class_are_part_of_it(tmp_path, dataset):
    fill(tmp_path, "train/cat/black/young/1.jpg", "test_shift/cat/2.jpg")
    items = list(opened(tmp_path, dataset).items())
    assert [(item.split, item.classes) for item in items] == [
        ("test_shift", ("cat",)),
        ("train", ("cat",)),
    ]


def test_a_class_may_be_called_train(tmp_path, dataset):
    fill(tmp_path, "train/1.jpg", "bus/2.jpg")
    assert opened(tmp_path, dataset).vocabulary().classes == ("bus", "train")


def test_a_folder_beside_splits_that_is_none_is_refused(tmp_path, dataset):
    fill(tmp_path, "train/cat/1.jpg", "test/cat/2.jpg", "unlabelled/cat/3.jpg")
    with pytest.raises(InputError, match=r"\['test', 'train'\] are splits, but 'unlabelled'"):
        opened(tmp_path, dataset)


def test_extensions_count_and_case_does_not(tmp_path, dataset):
    images = ["a.jpg", "b.JPEG", "c.Png", "d.bmp", "e.webp", "f.gif", "g.TIF", "h.tiff"]
    fill(tmp_path, *(f"cat/{name}" for name in [*images, "notes.txt", "Thumbs.db", "jpg.txt"]))
    items = list(opened(tmp_path, dataset).items())
    assert [item.path for item in items] == [f"cat/{name}" for name in images]


def test_hidden_files_and_folders_are_skipped(tmp_path, dataset):
    fill(tmp_path, "cat/1.jpg", "cat/._1.jpg", ".trash/2.jpg", "cat/.old/3.jpg")
    assert [item.path for item in opened(tmp_path, dataset).items()] == ["cat/1.jpg"]


def test_an_image_without_a_class_folder_is_rejected(tmp_path, dataset):
    fill(tmp_path, "train/cat/1.jpg", "train/2.jpg", "3.jpg")
    reader = opened(tmp_path, dataset)
    detail = "expected <split>/<class>/ or <class>/ above it"
    rejected = [item for item in reader.items() if isinstance(item, Rejection)]
    assert rejected == [
        Rejection("3.jpg", "outside a class folder", detail),
        Rejection("train/2.jpg", "outside a class folder", detail),
    ]
    assert reader.vocabulary().classes == ("cat",)


def test_unicode_and_spaces_are_kept(tmp_path, dataset):
    path = "train/crème brûlée/日本 1 – ö.jpg"
    fill(tmp_path, path)
    reader = opened(tmp_path, dataset)
    assert list(reader.items()) == [Item(path, "train", path, classes=("crème brûlée",))]
    assert reader.load(path, None) == path.encode()


def test_a_file_name_that_is_not_utf8_is_rejected(tmp_path, dataset):
    fill(tmp_path, "cat/1.jpg")
    with open(os.fsencode(tmp_path) + b"/cat/caf\xe9.jpg", "wb"):
        pass
    reader = opened(tmp_path, dataset)
    rejection = Rejection("cat/caf\\udce9.jpg", "file name is not UTF-8", "rename the file")
    assert list(reader.items())[1:] == [rejection]


def test_a_folder_without_images_is_refused(tmp_path, dataset):
    fill(tmp_path, "1.jpg", "cat/notes.txt")
    assert not image_folder.detect(tmp_path)
    with pytest.raises(InputError, match=r"dataset\.path\): no image found in its folders"):
        opened(tmp_path, dataset)


def test_a_list_says_everything(tmp_path, dataset):
    fill(tmp_path, "a/1.png", "my pictures/ü 2.png")
    reader = listed(
        tmp_path,
        dataset,
        "path,split,classes,tags,caption\n"
        'a/1.png,train,farm,cow; barn ;cow,"a cow, a barn"\n'
        "\n"
        "my pictures/ü 2.png,,harbour;beach,,\n",
    )
    assert reader.vocabulary() == Vocabulary(("beach", "farm", "harbour"), ("barn", "cow"))
    two = "my pictures/ü 2.png"
    assert list(reader.items()) == [
        Item("a/1.png", "train", "a/1.png", None, ("farm",), ("cow", "barn"), "a cow, a barn"),
        Item(two, None, two, None, ("harbour", "beach"), (), None),
    ]
    assert reader.load(two, None) == two.encode()


def test_a_list_may_name_its_columns_otherwise(tmp_path, dataset):
    fill(tmp_path, "1.png")
    columns = {"id": "number", "image": "photo", "classes": "dish"}
    reader = listed(tmp_path, dataset, "number,photo,dish\nx7,./1.png,soup\n", **columns)
    assert list(reader.items()) == [Item("x7", None, "1.png", classes=("soup",))]


def test_a_column_that_the_list_lacks_is_named(tmp_path, dataset):
    with pytest.raises(InputError, match=r"no column 'tag' \(dataset\.columns\.tags\).*'tags'\?"):
        listed(tmp_path, dataset, "path,tags\n", tags="tag")


def test_a_list_without_paths_is_refused(tmp_path, dataset):
    with pytest.raises(InputError, match=r"labels\.csv: no column of paths .* \['path;classes'\]"):
        listed(tmp_path, dataset, "path;classes\n1.png;cat\n")


def test_a_list_written_by_a_spreadsheet_is_read(tmp_path, dataset):
    fill(tmp_path, "1.png")
    (tmp_path / "labels.csv").write_bytes(b"\xef\xbb\xbfpath,class\r\n1.png,cat\r\n")
    assert list(opened(tmp_path, dataset).items()) == [Item("1.png", None, "1.png", None, ("cat",))]


def test_a_list_that_is_not_utf8_is_refused(tmp_path, dataset):
    (tmp_path / "labels.csv").write_bytes("path,class\n1.png,Käse\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"labels\.csv: not a CSV file in UTF-8 .*0xe4"):
        opened(tmp_path, dataset)


@pytest.mark.parametrize(
    ("line", "rejection"),
    [
        ("gone.png,train,cat", Rejection("gone.png", "missing file", "labels.csv:2", "train")),
        (",train,cat", Rejection("labels.csv:2", "no path", "column 'path' is empty")),
        ("../x.png,,", Rejection("../x.png", "path outside the data set", "labels.csv:2")),
        ("/x.png,,", Rejection("/x.png", "path outside the data set", "labels.csv:2")),
        (
            "1.png,train",
            Rejection(
                "labels.csv:2",
                "wrong number of cells",
                "2 cells, expected 3; quote cells that hold commas",
            ),
        ),
    ],
)
def test_a_bad_line_is_rejected_and_the_next_one_read(tmp_path, dataset, line, rejection):
    fill(tmp_path, "1.png")
    reader = listed(tmp_path, dataset, f"path,split,class\n{line}\n1.png,test,dog\n")
    good = Item("1.png", "test", "1.png", classes=("dog",))
    assert list(reader.items()) == [rejection, good]
