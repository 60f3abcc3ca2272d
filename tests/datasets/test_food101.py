import numpy as np
import pytest

from pipeline_lib.datasets import food101, parquet
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError


@pytest.fixture
def food(tmp_path):
    root = tmp_path / "food-101"
    (root / "meta").mkdir(parents=True)
    (root / "meta" / "classes.txt").write_text("waffles\nsushi\n")
    (root / "meta" / "train.txt").write_text("waffles/1\nsushi/2\n")
    (root / "meta" / "test.txt").write_text("sushi/3\n\n")
    (root / "images" / "sushi").mkdir(parents=True)
    (root / "images" / "sushi" / "3.jpg").write_bytes(b"three")
    return root


@pytest.fixture
def matrix(tmp_path):
    def write(rows, **arrays):
        path = tmp_path / "ingredients.npz"
        np.savez(path, matrix=np.array(rows), **arrays)
        return path

    return write


def opened(root, dataset, tag_matrix="data/none"):
    return food101.open_reader(root, dataset(root, tag_matrix=str(tag_matrix)))


def test_lists_give_split_class_and_path(food, dataset):
    reader = opened(food, dataset)
    assert reader.vocabulary() == Vocabulary(("waffles", "sushi"))
    assert list(reader.items()) == [
        Item("waffles/1", "train", "images/waffles/1.jpg", None, ("waffles",)),
        Item("sushi/2", "train", "images/sushi/2.jpg", None, ("sushi",)),
        Item("sushi/3", "test", "images/sushi/3.jpg", None, ("sushi",)),
    ]
    assert reader.load("images/sushi/3.jpg", None) == b"three"
    with pytest.raises(FileNotFoundError):
        reader.load("images/sushi/2.jpg", None)


def test_ingredients_are_tags_by_class(food, dataset, matrix):
    # row 0 is waffles, the first line of classes.txt; no class uses ingredient 1
    reader = opened(food, dataset, matrix([[1, 0, 1], [0, 0, 1]]))
    assert reader.vocabulary().tags == ("ingredient_000", "ingredient_002")
    tags = [item.tags for item in reader.items()]
    assert tags == [("ingredient_000", "ingredient_002"), *[("ingredient_002",)] * 2]


def test_ingredients_have_the_names_of_the_file(food, dataset, matrix):
    reader = opened(food, dataset, matrix([[1, 0], [1, 1]], names=np.array(["flour", "rice"])))
    assert reader.vocabulary().tags == ("flour", "rice")
    assert next(reader.items()).tags == ("flour",)


def test_a_matrix_of_all_101_classes_is_read_from_its_first_row(food, dataset, matrix):
    rows = np.zeros((101, 4), np.uint8)
    rows[0, 3] = rows[1, 2] = rows[2, 1] = 1
    reader = opened(food, dataset, matrix(rows))
    assert reader.vocabulary().tags == ("ingredient_002", "ingredient_003")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([[1, 0]], r"\(1, 2\), expected 0 and 1 in 2 rows"),
        ([[1, 0]] * 3, r"\(3, 2\), expected 0 and 1 in 2 rows"),
        ([[1, 0], [0, 2]], r"\(2, 2\), expected 0 and 1 in 2 rows"),
        ([1, 0], r"\(2,\), expected 0 and 1 in 2 rows"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(food, dataset, matrix, rows, found):
    with pytest.raises(InputError, match=rf"dataset\.tag_matrix\): 'matrix' is int64 {found}"):
        opened(food, dataset, matrix(rows))


@pytest.mark.parametrize("names", [["salt", "salt"], ["salt"]])
def test_names_that_do_not_fit_the_columns_are_refused(food, dataset, matrix, names):
    with pytest.raises(InputError, match="'names' has 1 different names, expected 2, one a column"):
        opened(food, dataset, matrix([[1, 0], [0, 1]], names=np.array(names)))


def test_a_matrix_of_objects_is_not_unpickled(food, dataset, matrix):
    path = matrix(np.array([[1, 0], [0, None]], object))
    with pytest.raises(InputError, match=r"no array 'matrix' can be read from it .*allow_pickle"):
        opened(food, dataset, path)


def test_a_missing_or_foreign_matrix_is_named(food, dataset, tmp_path):
    with pytest.raises(InputError, match=r"gone\.npz \(dataset\.tag_matrix\): no array 'matrix'"):
        opened(food, dataset, tmp_path / "gone.npz")
    np.save(tmp_path / "plain.npy", np.eye(2))
    with pytest.raises(InputError, match=r"plain\.npy \(dataset\.tag_matrix\): no array 'matrix'"):
        opened(food, dataset, tmp_path / "plain.npy")
    np.savez(tmp_path / "other.npz", other=np.eye(2))
    with pytest.raises(InputError, match=r"other\.npz \(dataset\.tag_matrix\): no array 'matrix'"):
        opened(food, dataset, tmp_path / "other.npz")


@pytest.mark.parametrize("file", ["classes.txt", "train.txt", "test.txt"])
def test_a_missing_list_is_named(food, dataset, file):
    (food / "meta" / file).unlink()
    assert not food101.detect(food)
    with pytest.raises(InputError, match=rf"dataset\.path\): expected .*{file}"):
        opened(food, dataset)


def test_genuine_food101(shared_data, dataset):
    folder = shared_data / "ingredient101"
    reader = opened(folder / "food-101", dataset, folder / "ingredient_matrix_101x446.npz")
    items = list(reader.items())
    assert [item.split for item in items] == ["train"] * 40 + ["test"] * 20
    assert len(reader.vocabulary().classes) == 10
    assert len(reader.vocabulary().tags) == 79
    assert all(reader.load(item.path, None).startswith(b"\xff\xd8") for item in items)


def test_genuine_ingredients_are_those_of_the_parquet_copy(shared_data, dataset):
    folder = shared_data / "ingredient101"
    reader = opened(folder / "food-101", dataset, folder / "ingredient_matrix_101x446.npz")
    copy = parquet.open_reader(folder, dataset(folder))
    assert reader.vocabulary() == copy.vocabulary()
    tags = {item.classes: item.tags for item in reader.items()}
    assert tags == {item.classes: item.tags for item in copy.items()}


def test_lists_may_have_a_byte_order_mark_and_extensions(food, dataset):
    for name in ("classes", "train", "test"):
        path = food / "meta" / f"{name}.txt"
        path.write_text(path.read_text().replace("/2", "/2.jpg"), encoding="utf-8-sig")
    reader = opened(food, dataset)
    assert reader.vocabulary().classes == ("waffles", "sushi")
    assert [item.key for item in reader.items()] == ["waffles/1", "sushi/2", "sushi/3"]


@pytest.mark.parametrize("name", ["classes", "train", "test"])
def test_a_list_that_is_no_text_is_refused(food, dataset, name):
    (food / "meta" / f"{name}.txt").write_bytes("cr\u00e8me\n".encode("latin-1"))
    with pytest.raises(InputError, match=rf"{name}.txt: line 1: byte 0xe8 is no text in UTF-8"):
        list(opened(food, dataset).items())


def test_a_class_that_is_listed_twice_is_refused(food, dataset):
    (food / "meta" / "classes.txt").write_text("sushi\nwaffles\nsushi\n")
    with pytest.raises(InputError, match=r"classes.txt: names 'sushi' twice, expected different"):
        opened(food, dataset)


@pytest.mark.parametrize("file", ["2.JPG", "2.jpeg", "2.png", "2.webp"])
def test_pictures_have_the_extension_that_lies_there(food, dataset, file):
    (food / "images" / "sushi" / file).write_bytes(b"two")
    paths = {item.key: item.path for item in opened(food, dataset).items()}
    assert paths["sushi/2"] == f"images/sushi/{file}"
    assert paths["waffles/1"] == "images/waffles/1.jpg"


def test_folders_may_be_in_the_unicode_form_of_macos(food, dataset):
    (food / "meta" / "classes.txt").write_text("cr\u00e8me\n")
    (food / "meta" / "train.txt").write_text("cre\u0300me/1\n")
    (food / "meta" / "test.txt").write_text("cr\u00e8me/2\n")
    (food / "images" / "cre\u0300me").mkdir()
    for number in (1, 2):
        (food / "images" / "cre\u0300me" / f"{number}.jpg").write_bytes(b"x")
    first, second = opened(food, dataset).items()
    assert first.classes == second.classes == ("cr\u00e8me",)
    assert second.path == "images/cre\u0300me/2.jpg"


@pytest.mark.parametrize(
    "line", ["../secret", "/etc/secret", "sushi/../../../secret", "..\\secret"]
)
def test_a_path_out_of_the_data_set_is_rejected(food, dataset, line):
    (food / "meta" / "train.txt").write_text(f"{line}\nsushi/2\n")
    bad, *_ = opened(food, dataset).items()
    assert isinstance(bad, Rejection)
    assert (bad.item, bad.reason) == (line, "path outside the data set")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"no zip"])
def test_a_damaged_matrix_is_named(food, dataset, tmp_path, content):
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"m\.npz \(dataset\.tag_matrix\): no array 'matrix'"):
        opened(food, dataset, tmp_path / "m.npz")


def test_names_of_ingredients_may_be_bytes(food, dataset, matrix):
    reader = opened(food, dataset, matrix([[1, 0], [1, 1]], names=np.array([b"flour ", b"rice"])))
    assert reader.vocabulary().tags == ("flour", "rice")


@pytest.mark.parametrize(
    ("rows", "arrays", "found"),
    [
        ([[1, 0], [1, 1]], {"names": ["flour", " "]}, "'names' has 1 different names, expected 2"),
        ([[1, 0], [1, 1]], {"names": ["a", "a "]}, "'names' has 1 different names, expected 2"),
        ([[0, 0], [0, 0]], {}, "'matrix' gives no dish an ingredient, expected a 1"),
        ([[], []], {}, "'matrix' gives no dish an ingredient, expected a 1"),
    ],
)
def test_a_matrix_that_names_nothing_is_refused(food, dataset, matrix, rows, arrays, found):
    with pytest.raises(InputError, match=found):
        opened(food, dataset, matrix(rows, **{k: np.array(v) for k, v in arrays.items()}))
