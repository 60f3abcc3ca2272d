"""Labels of several files of rows, each read by its own schema."""

import pyarrow as pa
import pytest

from pipeline_lib.datasets.decode import BadImage
from pipeline_lib.datasets.reader import Vocabulary
from pipeline_lib.errors import InputError
from tests.datasets.tables import class_label, hugging_face, opened, write

TAGS = {"classes": "", "tags": "label"}


def classes_of(reader):
    return {(item.path, item.row): item.classes for item in reader.items()}


@pytest.mark.parametrize("first", ["a", "z"])
def test_each_file_is_read_by_its_own_names(tmp_path, dataset, first):
    # 0 is cat in one file and dog in the other, whichever comes first
    write(
        tmp_path / "m.parquet", hugging_face(label=class_label("cat", "dog", "fox")), label=[0, 2]
    )
    other = write(
        tmp_path / f"{first}.parquet",
        hugging_face(label=class_label("dog", "cat", "fox")),
        label=[0, 1],
    ).name
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().classes == ("cat", "dog", "fox")
    assert classes_of(reader) == {
        ("m.parquet", 0): ("cat",),
        ("m.parquet", 1): ("fox",),
        (other, 0): ("dog",),
        (other, 1): ("cat",),
    }


@pytest.mark.parametrize("named", ["a", "b"])
def test_names_in_some_files_only_are_refused(tmp_path, dataset, named):
    lacking = "b" if named == "a" else "a"
    write(
        tmp_path / f"{named}.parquet", hugging_face(label=class_label("cat", "dog")), label=[0, 1]
    )
    write(tmp_path / f"{lacking}.parquet", label=[0, 1])
    message = rf"/{lacking}\.parquet: column 'label' holds integers without names, while .*/{named}"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)


def test_integers_beside_strings_of_another_file_are_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["cat"])
    write(tmp_path / "b.parquet", label=[0])
    with pytest.raises(
        InputError, match=r"b\.parquet: column 'label' holds integers without names"
    ):
        opened(tmp_path, dataset)


def test_names_of_integers_and_strings_of_another_file_make_one_vocabulary(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=["ant", "dog"])
    write(tmp_path / "b.parquet", hugging_face(label=class_label("dog", "cat")), label=[1])
    assert opened(tmp_path, dataset).vocabulary().classes == ("cat", "ant", "dog")


def test_more_labels_than_names_are_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", hugging_face(label=class_label("cat", "dog")), label=[0, 2, 1])
    message = (
        r"column 'label' holds label 2, and the file has 2 names \(cat, dog\), expected one for"
    )
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)


def test_the_column_of_class_names_counts_in_each_file(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[0, 1], class_name=["cat", "dog"])
    write(tmp_path / "b.parquet", label=[0], other=[1])
    with pytest.raises(
        InputError, match=r"b\.parquet: column 'label' holds integers without names"
    ):
        opened(tmp_path, dataset, classes="label")
    write(tmp_path / "b.parquet", label=[0], class_name=["dog"])
    assert opened(tmp_path, dataset, classes="label").vocabulary().classes == ("cat", "dog")


def test_integers_are_numbered_with_as_many_digits_in_every_file(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[3])
    write(tmp_path / "b.parquet", label=[3, 12])
    assert opened(tmp_path, dataset).vocabulary().classes == ("class_03", "class_12")


@pytest.mark.parametrize("value", ["null", "[]", '{"info": null}', '{"info": {"features": null}}'])
def test_metadata_that_says_nothing_leaves_integers_numbered(tmp_path, dataset, value):
    write(tmp_path / "a.parquet", {"huggingface": value}, label=[0, 1])
    assert opened(tmp_path, dataset).vocabulary().classes == ("class_0", "class_1")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("{", r"no JSON \(Expecting property name"),
        (
            '{"info": {"features": {"label": {"names": "cat"}}}}',
            "names of 'label' are cat, expected",
        ),
        (
            '{"info": {"features": {"label": {"names": [1]}}}}',
            r"names of 'label' are \[1\], expected",
        ),
        (
            '{"info": {"features": {"label": {"names": ["cat", "cat "]}}}}',
            "'cat' names two labels, expected a name for each label",
        ),
    ],
)
def test_damaged_metadata_is_named(tmp_path, dataset, value, found):
    write(tmp_path / "a.parquet", {"huggingface": value}, label=[0, 1])
    with pytest.raises(
        InputError, match=rf"its metadata of Hugging Face cannot be used: .*{found}"
    ):
        opened(tmp_path, dataset)


def test_coarse_labels_are_tags_where_params_say_so(tmp_path, dataset):
    features = hugging_face(
        fine_label=class_label("bee", "ray"), coarse_label=class_label("sea", "fly")
    )
    write(tmp_path / "a.parquet", features, fine_label=[0, 1], coarse_label=[1, 0])
    assert opened(tmp_path, dataset).vocabulary() == Vocabulary(("bee", "ray"))
    reader = opened(tmp_path, dataset, tags="coarse_label")
    assert reader.vocabulary() == Vocabulary(("bee", "ray"), ("sea", "fly"))
    assert [item.tags for item in reader.items()] == [("fly",), ("sea",)]


def test_labels_have_one_spelling(tmp_path, dataset):
    spelled = ["dog ", " dog", "dog", "cafe\N{COMBINING ACUTE ACCENT}", "café", "\t"]
    write(tmp_path / "a.parquet", label=spelled, tags=[[name] for name in spelled])
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary() == Vocabulary(("café", "dog"), ("café", "dog"))
    assert [item.tags for item in reader.items()] == [("dog",)] * 3 + [("café",)] * 2 + [()]


@pytest.mark.parametrize("empty", ["a", "z"])
@pytest.mark.parametrize(
    ("column", "filled", "empties"),
    [
        ("tags", [["a"], ["a", "b"]], [[], []]),
        ("tags", [["a"], ["b"]], [None, None]),
        ("tags", [["a"], ["b"]], [[None], []]),
        ("caption", ["one", "two"], [None, None]),
        ("caption", [["one"], ["two", "2"]], [[], None]),
        ("class_name", ["a", "b"], [None, None]),
        ("split", ["train", "val"], [None, None]),
    ],
)
def test_columns_of_nulls_hold_nothing(tmp_path, dataset, empty, column, filled, empties):
    write(tmp_path / "m.parquet", label=[["x"], ["y"]], **{column: filled})
    path = write(tmp_path / f"{empty}.parquet", label=[["x"], ["y"]], **{column: empties})
    reader = opened(tmp_path, dataset)
    role = {"class_name": "classes", "caption": "captions"}.get(column, column)
    found = [getattr(item, role) for item in reader.items() if item.path == path.name]
    assert found == [None if column in ("caption", "split") else ()] * 2
    assert sum(bool(getattr(item, role)) for item in reader.items()) == 2


def test_a_file_without_rows_adds_nothing(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[])
    write(tmp_path / "b.parquet", label=["cat"])
    assert [item.classes for item in opened(tmp_path, dataset).items()] == [("cat",)]


def test_vectors_of_zero_and_one_without_names_are_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[[0, 1, 1], [1, 0, 0]])
    message = r"'label' holds vectors of 3 numbers 0 and 1, and the file has 0 names for them"
    for columns in ({}, TAGS):
        with pytest.raises(InputError, match=message):
            opened(tmp_path, dataset, **columns)


def test_vectors_are_read_by_place_where_each_place_has_a_name(tmp_path, dataset):
    feature = {"_type": "Sequence", "feature": class_label("sky", "sea", "sun")}
    lists = [[0, 1, 1], [1, 0, 0], None, [-1, -1, 1]]
    write(tmp_path / "a.parquet", hugging_face(label=feature), label=lists)
    reader = opened(tmp_path, dataset, **TAGS)
    assert reader.vocabulary().tags == ("sky", "sea", "sun")
    assert [item.tags for item in reader.items()] == [("sea", "sun"), ("sky",), (), ("sun",)]


def test_vectors_of_another_length_than_the_names_are_refused(tmp_path, dataset):
    feature = {"_type": "Sequence", "feature": class_label("no", "yes")}
    write(tmp_path / "a.parquet", hugging_face(label=feature), label=[[0, 1, 1], [1, 0, 0]])
    with pytest.raises(InputError, match="vectors of 3 numbers 0 and 1, and the file has 2 names"):
        opened(tmp_path, dataset, **TAGS)


def test_what_is_a_vector_is_decided_over_all_files(tmp_path, dataset):
    feature = hugging_face(label={"_type": "Sequence", "feature": class_label("sky", "sea", "sun")})
    write(tmp_path / "a.parquet", feature, label=[[0, 1]])  # these alone could be either
    write(tmp_path / "b.parquet", feature, label=[[2]])
    found = [item.tags for item in opened(tmp_path, dataset, **TAGS).items()]
    assert found == [("sky", "sea"), ("sun",)]


@pytest.mark.parametrize(
    ("lists", "vectors"),
    [
        ([[0, 1], [1, 0]], True),  # one of two: every image would have both labels
        ([[0, 0], [0, 1]], True),
        ([[0, 1], []], False),
        ([[0, 1], [1]], False),
        ([[0, 0, 2], [1, 1, 0]], False),  # labels of objects, which may repeat
        ([[0, 1, 1], [1]], False),
        ([[0, 1, None], [1, None, 0]], True),
    ],
)
def test_lists_of_labels_are_told_from_vectors(tmp_path, dataset, lists, vectors):
    write(tmp_path / "a.parquet", label=lists)
    if vectors:
        with pytest.raises(InputError, match=r"vectors of [23] numbers"):
            opened(tmp_path, dataset, **TAGS)
    else:
        assert opened(tmp_path, dataset, **TAGS).vocabulary().tags[:2] == ("label_000", "label_001")


def test_two_labels_in_every_image_are_labels_where_they_have_names(tmp_path, dataset):
    feature = hugging_face(label={"_type": "Sequence", "feature": class_label("sky", "sea")})
    write(tmp_path / "a.parquet", feature, label=[[0, 1], [1, 0]])
    found = [item.tags for item in opened(tmp_path, dataset, **TAGS).items()]
    assert found == [("sky", "sea"), ("sea", "sky")]


def test_a_text_that_is_not_utf_8_is_a_row_with_a_reason(tmp_path, dataset):
    texts = pa.array([b"cat", b"caf\xe9", b"dog"])
    broken = pa.StringArray.from_buffers(3, texts.buffers()[1], texts.buffers()[2])
    write(tmp_path / "a.parquet", label=broken)
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().classes == ("cat", "dog")
    assert [getattr(item, "reason", None) for item in reader.items()] == [None, "not UTF-8", None]


def test_integers_that_gaps_made_floating_point_are_read(tmp_path, dataset):
    features = hugging_face(label=class_label("cat", "dog"))
    write(tmp_path / "a.parquet", features, label=[1.0, float("nan"), 0.0, None])
    write(tmp_path / "b.parquet", features, label=[1])
    found = [item.classes for item in opened(tmp_path, dataset).items()]
    assert found == [("dog",), (), ("cat",), (), ("dog",)]


@pytest.mark.parametrize("value", [1.5, float("inf")])
def test_numbers_that_are_no_labels_are_named(tmp_path, dataset, value):
    write(tmp_path / "a.parquet", label=[1.0, value])
    message = rf"a\.parquet: column 'label' holds {value}, expected labels as strings or whole"
    with pytest.raises(InputError, match=message):
        opened(tmp_path, dataset)


def test_labels_in_lists_of_lists_are_refused(tmp_path, dataset):
    write(tmp_path / "a.parquet", label=[[["cat"]]])
    with pytest.raises(InputError, match="column 'label' is list<element: list<element: string>>"):
        opened(tmp_path, dataset)


@pytest.mark.parametrize(
    ("role", "values", "expected"),
    [
        ("id", [1.5], "'odd' is double, expected strings or integers;"),
        ("split", [3], "'odd' is int64, expected strings;"),
        (
            "caption",
            [[1, 2]],
            "'odd' is list<element: int64>, expected strings or lists of strings",
        ),
    ],
)
def test_ids_splits_and_captions_of_another_type_are_refused(
    tmp_path, dataset, role, values, expected
):
    write(tmp_path / "a.parquet", odd=values)
    with pytest.raises(InputError, match=expected):
        opened(tmp_path, dataset, **{role: "odd"})


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_every_type_of_strings_is_text(tmp_path, dataset, kind):
    write(
        tmp_path / "a.parquet",
        types=dict.fromkeys(("caption", "id", "split", "label"), kind),
        **{"caption": ["a cat"], "id": ["x"], "split": ["test"], "label": ["cat"]},
    )
    item = next(opened(tmp_path, dataset).items())
    assert (item.captions, item.key, item.split, item.classes) == (
        ("a cat",),
        "x",
        "test",
        ("cat",),
    )


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_binary(),
        pa.binary_view(),
        pa.binary(1),
        pa.dictionary(pa.int8(), pa.binary()),
        pa.struct({"bytes": pa.large_binary(), "path": pa.string()}),
    ],
)
def test_every_type_of_bytes_is_an_image(tmp_path, dataset, kind):
    image = {"bytes": b"x", "path": None} if pa.types.is_struct(kind) else b"x"
    write(tmp_path / "a.parquet", types={"image": kind}, image=[image], label=["cat"])
    assert opened(tmp_path, dataset).load("a.parquet", 0) == b"x"


@pytest.mark.parametrize(
    ("cells", "separator", "tags"),
    [
        (["cat;dog", "dog", None], "auto", [("cat", "dog"), ("dog",), ()]),
        (["cat, dog", "dog,cat", "cat"], "auto", [("cat", "dog"), ("dog", "cat"), ("cat",)]),
        (["['cat', 'dog']", "['cat']", "[]"], "auto", [("cat", "dog"), ("cat",), ()]),
        (["tench, Tinca", "goldfish", None], "auto", [("tench, Tinca",), ("goldfish",), ()]),
        (["cat/dog", "dog", None], "/", [("cat", "dog"), ("dog",), ()]),
    ],
)
def test_texts_that_hold_several_labels_are_told_apart(tmp_path, dataset, cells, separator, tags):
    write(tmp_path / "a.parquet", tags=cells[:1])
    write(tmp_path / "b.parquet", tags=cells[1:])  # what separates shows in all files together
    reader = opened(tmp_path, dataset, separator=separator)
    assert [item.tags for item in reader.items()] == tags
    assert set(reader.vocabulary().tags) == {tag for several in tags for tag in several}


def test_texts_in_lists_are_one_label_each(tmp_path, dataset):
    write(tmp_path / "a.parquet", tags=[["cat;dog"], ["cat", "dog"]])
    assert opened(tmp_path, dataset).vocabulary().tags == ("cat", "cat;dog", "dog")


def test_a_separator_that_is_not_documented_is_said(tmp_path, dataset):
    write(tmp_path / "a.parquet", tags=["cat|dog", "cat"])
    (remark,) = opened(tmp_path, dataset).vocabulary().remarks
    assert remark.startswith("column 'tags': labels are separated at '|'")


def test_texts_of_one_file_and_lists_of_another_hold_the_same_labels(tmp_path, dataset):
    write(tmp_path / "test.parquet", tags=[["a", "b"], ["a"]])
    write(tmp_path / "train.parquet", tags=["a;b", "b"])
    reader = opened(tmp_path, dataset)
    assert reader.vocabulary().tags == ("a", "b")
    assert [item.tags for item in reader.items()] == [("a", "b"), ("a",), ("a", "b"), ("b",)]


@pytest.mark.parametrize("column", [{"tags": [["a"], []]}, {"label": [0, 1]}])
def test_a_separator_of_nothing_is_refused(tmp_path, dataset, column):
    write(tmp_path / "train.parquet", **column)
    with pytest.raises(InputError, match=r"columns.separator is ';', and no column of labels"):
        opened(tmp_path, dataset, separator=";")


def test_vectors_of_quoted_numbers_are_vectors(tmp_path, dataset):
    write(tmp_path / "train.parquet", tags=[["0", "1", "1"], ["1", "0", "0"]])
    with pytest.raises(InputError, match="holds vectors of 3 numbers 0 and 1, and the file has 0"):
        opened(tmp_path, dataset)


def test_an_image_in_base64_is_no_path(tmp_path, dataset):
    write(tmp_path / "train.parquet", image=["x" * 5000], label=["a"])
    with pytest.raises(BadImage, match=r"no path: a text of 5000 characters, x{40}…; of images"):
        opened(tmp_path, dataset).load("train.parquet", 0)
