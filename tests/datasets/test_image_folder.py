import json
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
        Item("a/1.png", "train", "a/1.png", None, ("farm",), ("cow", "barn"), ("a cow, a barn",)),
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
    with pytest.raises(InputError, match=r"labels\.csv: line 2: byte 0xe4 is no text in UTF-8"):
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


# Folders that look like splits


@pytest.mark.parametrize(
    ("train", "test", "splits"),
    [
        ("training_set", "test_set", {"train", "test"}),
        ("seg_train", "seg_test", {"train", "test"}),
        ("intel_train", "intel_test", {"train", "test"}),
        ("train", "eval", {"train", "test"}),
        ("train", "validate", {"train", "val"}),
        ("train_images", "test_images", {"train", "test"}),
        ("trainset", "testset", {"train", "test"}),
        ("train", "holdout", {"train", "test"}),
    ],
)
def test_folders_like_splits_are_splits(tmp_path, dataset, train, test, splits):
    fill(tmp_path, *(f"{split}/{name}/1.jpg" for split in (train, test) for name in ("cat", "dog")))
    reader = opened(tmp_path, dataset)
    assert {item.split for item in reader.items()} == splits
    assert reader.vocabulary().classes == ("cat", "dog")


@pytest.mark.parametrize("other", ["unlabeled", "extra", "predict"])
def test_one_split_beside_another_folder_is_refused(tmp_path, dataset, other):
    fill(tmp_path, f"{other}/cat/1.jpg", f"{other}/dog/1.jpg", "train/cat/2.jpg", "train/dog/3.jpg")
    with pytest.raises(InputError, match=rf"\['train'\] are splits, but '{other}' beside them"):
        opened(tmp_path, dataset)


def test_folders_that_all_hold_the_same_folders_are_refused(tmp_path, dataset):
    fill(
        tmp_path, *(f"{top}/{name}/1.jpg" for top in ("part1", "part2") for name in ("cat", "dog"))
    )
    with pytest.raises(
        InputError, match=r"\['part1', 'part2'\] all hold the same folders \['cat', 'd"
    ):
        opened(tmp_path, dataset)


def test_class_folders_with_folders_of_their_own_are_classes(tmp_path, dataset):
    fill(tmp_path, "cat/images/1.jpg", "dog/images/1.jpg", "fox/red/1.jpg", "fox/grey/2.jpg")
    assert opened(tmp_path, dataset).vocabulary().classes == ("cat", "dog", "fox")


def test_a_split_that_was_unpacked_into_itself_is_entered(tmp_path, dataset):
    fill(tmp_path, "seg_train/seg_train/sea/1.jpg", "seg_train/seg_train/ice/2.jpg")
    fill(tmp_path, "seg_test/seg_test/sea/3.jpg")
    found = {(item.split, item.classes) for item in opened(tmp_path, dataset).items()}
    assert found == {("train", ("sea",)), ("train", ("ice",)), ("test", ("sea",))}


def test_one_folder_around_all_others_is_named(tmp_path, dataset):
    fill(tmp_path, "photos/cat/1.jpg", "photos/dog/2.jpg")
    with pytest.raises(
        InputError, match=r"only folder 'photos' holds .* set dataset.path to .*photos"
    ):
        opened(tmp_path, dataset)


def test_a_class_in_two_unicode_forms_is_one_class(tmp_path, dataset):
    fill(tmp_path, "train/caf\u00e9/1.jpg", "test/cafe\u0301/1.jpg", "train/tea/2.jpg")
    assert opened(tmp_path, dataset).vocabulary().classes == ("caf\u00e9", "tea")


# Tables beside folders


def classes_and_tags(reader):
    return {item.path: (item.split, item.classes, item.tags) for item in reader.items()}


@pytest.mark.parametrize("name", ["tags.csv", "labels.csv", "metadata.csv"])
def test_a_table_of_tags_alone_keeps_the_classes_of_the_folders(tmp_path, dataset, name):
    fill(tmp_path, "train/cat/1.jpg", "train/dog/2.jpg", "test/cat/3.jpg")
    rows = "file,tags\ntrain/cat/1.jpg,fur;grass\ntest/cat/3.jpg,fur\n"
    (tmp_path / name).write_text(rows)
    reader = opened(tmp_path, dataset)
    assert classes_and_tags(reader) == {
        "test/cat/3.jpg": ("test", ("cat",), ("fur",)),
        "train/cat/1.jpg": ("train", ("cat",), ("fur", "grass")),
        "train/dog/2.jpg": ("train", ("dog",), ()),
    }
    assert reader.vocabulary() == Vocabulary(("cat", "dog"), ("fur", "grass"))
    assert reader.vocabulary().remarks == (
        f"{name}: does not list 1 of the images, which carry no tag",
    )
    assert list(reader.sources()) == [name]


def test_params_may_say_that_folders_are_no_classes(tmp_path, dataset):
    fill(tmp_path, "2023/1.jpg", "2024/2.jpg")
    reader = listed(tmp_path, dataset, "path,tags\n2023/1.jpg,sea\n2024/2.jpg,ice\n", classes="")
    assert reader.vocabulary() == Vocabulary((), ("ice", "sea"))


def test_rows_of_a_table_of_tags_that_fit_no_image_are_rejected(tmp_path, dataset):
    fill(tmp_path, "cat/1.jpg", "dog/2.jpg", "cat/notes.txt")
    rows = "path,tags\ncat/9.jpg,a\ncat/1.jpg,a\ncat/1.jpg,b\ncat/notes.txt,a\n"
    items = list(listed(tmp_path, dataset, rows).items())
    assert [item for item in items if isinstance(item, Rejection)] == [
        Rejection("cat/9.jpg", "missing file", "labels.csv:2"),
        Rejection("cat/1.jpg", "duplicate key", "listed again in labels.csv:4"),
        Rejection("cat/notes.txt", "not an image", "its name is not that of an image"),
    ]


def test_the_folders_of_listed_images_say_the_split_where_no_column_does(tmp_path, dataset):
    fill(tmp_path, "train/1.jpg", "train/2.jpg", "Testing/3.jpg")
    rows = "path,label\ntrain/1.jpg,cat\ntrain/2.jpg,dog\nTesting/3.jpg,cat\n"
    found = classes_and_tags(listed(tmp_path, dataset, rows))
    assert [split for split, _, _ in found.values()] == ["train", "train", "test"]


def test_a_column_of_splits_outranks_folders(tmp_path, dataset):
    fill(tmp_path, "train/1.jpg", "train/2.jpg")
    rows = "path,label,split\ntrain/1.jpg,cat,\ntrain/2.jpg,dog,Test Set\n"
    found = classes_and_tags(listed(tmp_path, dataset, rows))
    assert [split for split, _, _ in found.values()] == [None, "test"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_metadata_of_hugging_face_in_the_folders_of_splits_is_read(tmp_path, dataset, kind):
    fill(tmp_path, "train/a/1.jpg", "train/2.jpg", "test/3.jpg")
    train = [("a/1.jpg", "cat", "a cat"), ("2.jpg", "dog", "a dog")]
    for split, rows in (("train", train), ("test", [("3.jpg", "cat", "")])):
        if kind == "csv":
            text = "file_name,label,text\n" + "".join(f"{','.join(row)}\n" for row in rows)
        else:
            keys = ("file_name", "label", "text")
            text = "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows)
        (tmp_path / split / f"metadata.{kind}").write_text(text)
    reader = opened(tmp_path, dataset)
    assert [(item.split, item.path, item.classes, item.captions) for item in reader.items()] == [
        ("test", "test/3.jpg", ("cat",), None),
        ("train", "train/a/1.jpg", ("cat",), ("a cat",)),
        ("train", "train/2.jpg", ("dog",), ("a dog",)),
    ]


def test_several_captions_are_a_list_of_json(tmp_path, dataset):
    fill(tmp_path, "1.jpg")
    rows = {"file_name": "1.jpg", "tags": ["dog"], "captions": ['A "dog".', "A pet."]}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(rows))
    (item,) = opened(tmp_path, dataset).items()
    assert item.captions == ('A "dog".', "A pet.")


def test_lists_and_numbers_of_json_are_labels(tmp_path, dataset):
    fill(tmp_path, "1.jpg")
    rows = {"file_name": "1.jpg", "label": 3, "tags": ["hot dog", "bun"], "text": None}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(rows))
    assert list(opened(tmp_path, dataset).items()) == [
        Item("1.jpg", None, "1.jpg", classes=("3",), tags=("hot dog", "bun"))
    ]


@pytest.mark.parametrize(
    ("line", "found"), [("{'a': 1}", r"no JSON \(Expecting"), ("[1]", "no object")]
)
def test_a_line_that_is_no_object_is_refused(tmp_path, dataset, line, found):
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "1.jpg"}\n' + line)
    with pytest.raises(InputError, match=rf"metadata\.jsonl: line 2 is {found}.*an object a line"):
        opened(tmp_path, dataset)


def test_a_table_without_paths_is_no_list_of_images(tmp_path, dataset):
    fill(tmp_path, "cat/1.jpg", "dog/2.jpg")
    (tmp_path / "metadata.csv").write_text("camera,owner\nx,y\n")
    assert list(opened(tmp_path, dataset).sources()) == []


@pytest.mark.parametrize("mark", [",", "|", ";"])
def test_tags_of_a_cell_are_told_apart(tmp_path, dataset, mark):
    fill(tmp_path, "img/1.jpg", "img/2.jpg")
    rows = f'path,tags\nimg/1.jpg,cat\nimg/2.jpg,"cat{mark}dog"\n'
    assert listed(tmp_path, dataset, rows).vocabulary() == Vocabulary((), ("cat", "dog"))


def test_what_separates_may_be_said_in_params(tmp_path, dataset):
    fill(tmp_path, "img/1.jpg", "img/2.jpg")
    rows = "path,tags\nimg/1.jpg,cat\nimg/2.jpg,cat dog\n"
    assert (
        listed(tmp_path, dataset, rows)
        .vocabulary()
        .remarks[0]
        .startswith("labels.csv: column 'tags': cells such as 'cat dog' are one label each")
    )
    assert listed(tmp_path, dataset, rows, separator=" ").vocabulary().tags == ("cat", "dog")


def test_an_open_quote_is_refused_with_its_line(tmp_path, dataset):
    with pytest.raises(
        InputError, match=r"labels\.csv: line 3: unexpected end of data, expected cells"
    ):
        listed(tmp_path, dataset, 'path,label\n1.jpg,cat\n2.jpg,"dog\n3.jpg,cat\n')


def test_columns_are_found_whatever_their_case(tmp_path, dataset):
    fill(tmp_path, "1.jpg")
    items = list(listed(tmp_path, dataset, "Image,Label\n1.jpg,cat\n").items())
    assert items == [Item("1.jpg", None, "1.jpg", classes=("cat",))]


@pytest.mark.parametrize(
    ("written", "on_disk"),
    [
        ("a\\1.jpg", "a/1.jpg"),
        ("caf\u00e9.jpg", "cafe\u0301.jpg"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
    ],
)
def test_paths_of_other_systems_are_found(tmp_path, dataset, written, on_disk):
    fill(tmp_path, on_disk)
    assert [
        item.path for item in listed(tmp_path, dataset, f"path,label\n{written},x\n").items()
    ] == [on_disk]


def test_two_columns_of_one_name_are_refused(tmp_path, dataset):
    fill(tmp_path, "1.jpg")
    with pytest.raises(InputError, match=r"labels\.csv: has two columns 'label', expected one"):
        listed(tmp_path, dataset, "path,label,label\n1.jpg,a,b\n")
    assert listed(tmp_path, dataset, "path,label,,\n1.jpg,a,,\n").vocabulary().classes == ("a",)


@pytest.mark.parametrize("path", ["..\\2.jpg", "../2.jpg", "/2.jpg", "C:\\2.jpg"])
def test_paths_that_lead_out_are_rejected_in_either_spelling(tmp_path, dataset, path):
    fill(tmp_path, "2.jpg", "set/1.jpg")
    _, last = listed(tmp_path / "set", dataset, f"path,label\n1.jpg,a\n{path},b\n").items()
    assert (last.item, last.reason) == (path, "path outside the data set")


def test_values_of_json_are_labels_in_one_spelling(tmp_path, dataset):
    values = [3, 3.0, "3", True, None, float("nan"), "\ud83d"]
    fill(tmp_path, *(f"{n}.jpg" for n in range(len(values))))
    lines = [{"file_name": f"{n}.jpg", "label": value} for n, value in enumerate(values)]
    lines.append({"file_name": "\ud800.jpg", "label": "3"})
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().classes == ("3", r"\ud83d", "true")
    *_, last = reader.items()
    assert last == Rejection(r"\ud800.jpg", "missing file", "metadata.jsonl:8")


def test_a_key_that_stands_twice_in_a_line_is_refused(tmp_path, dataset):
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "1.jpg", "tags": "a", "tags": "b"}')
    with pytest.raises(InputError, match=r"line 1 is no JSON .key 'tags' stands there twice"):
        opened(tmp_path, dataset)


def test_splits_may_have_tables_of_either_kind(tmp_path, dataset):
    fill(tmp_path, "train/1.jpg", "test/1.jpg")
    (tmp_path / "train/metadata.csv").write_text("file_name,label\n1.jpg,a\n")
    (tmp_path / "test/metadata.jsonl").write_text('{"file_name": "1.jpg", "label": "b"}\n')
    reader = opened(tmp_path, dataset)
    assert [(item.key, item.split, item.classes) for item in reader.items()] == [
        ("test/1.jpg", "test", ("b",)),
        ("train/1.jpg", "train", ("a",)),
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_foreign_table_that_is_separated_otherwise_is_named(tmp_path, dataset, mark):
    fill(tmp_path, "train/1.jpg", "test/1.jpg")
    (tmp_path / "train/metadata.csv").write_text(f"file_name{mark}label\n1.jpg{mark}a\n")
    with pytest.raises(InputError, match=r"train/metadata\.csv: no column of .* by commas"):
        opened(tmp_path, dataset)


def test_columns_are_refused_where_no_table_lies(tmp_path, dataset):
    fill(tmp_path, "cat/1.jpg", "dog/2.jpg")
    params = dataset(tmp_path, format="image_folder", columns={"tags": "labels"})
    with pytest.raises(InputError, match=r"columns\.tags name columns, and no table lies beside"):
        image_folder.open_reader(tmp_path, params)


@pytest.mark.parametrize("table", ["train.csv", "labels.tsv", "train.txt"])
def test_a_table_of_another_name_beside_one_folder_is_named(tmp_path, dataset, table):
    fill(tmp_path, "images/1.jpg", "images/2.jpg")
    (tmp_path / table).write_text("1.jpg 0\n")
    with pytest.raises(InputError, match=f"'{table}' may say what the images are; call it labels"):
        opened(tmp_path, dataset)
