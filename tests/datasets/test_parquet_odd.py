"""Files of rows that are damaged or hold odd types: they are read, or their fault is named."""

import datetime
import decimal
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline_lib.datasets.reader import Item, Rejection
from pipeline_lib.errors import InputError
from tests.datasets.tables import class_label, hugging_face, opened, write

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BOX = {"bbox": [0.0, 0.0, 0.5, 0.5], "category": "cup"}
CELLS = {
    "text": ["cat", "dog", None],
    "integers": [0, 1, None],
    "lists of texts": [["cat"], [], None],
    "lists of integers": [[0], [1, 1], None],
    "lists of nulls": [[None], [], None],
    "lists of lists": [[[0.0, 0.0, 0.5, 0.5]], [[None]], None],
    "lists of lists of texts": [[["cat"]], [], None],
    "structs of images": [{"bytes": b"x", "path": "x"}, {"bytes": None, "path": None}, None],
    "structs of objects": [{"bbox": [[0.0]], "label": [None]}, {"bbox": None, "label": None}, None],
    "objects": [[BOX, BOX], [None], None],
    "numbers": [0.5, float("nan"), None],
    "flags": [True, False, None],
    "moments": [datetime.datetime(2020, 1, 1), None, None],
    "decimals": [decimal.Decimal("1.5"), None, None],
    "bytes": [b"x", b"\xff", None],
    "nulls": [None, None, None],
}
TYPES = {
    "dictionaries": pa.dictionary(pa.int8(), pa.string()),
    "views": pa.string_view(),
    "unsigned": pa.uint64(),
    "vectors": pa.list_(pa.int8(), 2),
    "maps": pa.map_(pa.string(), pa.int64()),
}
ODD = {
    **{name: pa.array(cells) for name, cells in CELLS.items()},
    "dictionaries": pa.array(["cat", "dog", None], TYPES["dictionaries"]),
    "views": pa.array(["cat", "dog", None], TYPES["views"]),
    "unsigned": pa.array([2**64 - 1, 0, None], TYPES["unsigned"]),
    "vectors": pa.array([[0, 1], [1, 1], None], TYPES["vectors"]),
    "maps": pa.array([[("cat", 1)], [], None], TYPES["maps"]),
}
COLUMNS = ("image", "label", "tags", "class_name", "split", "id", "caption", "boxes", "box_labels")


def read(root, dataset):
    """Return the items, or nothing where the fault is named."""
    with suppress(InputError):
        reader = opened(root, dataset)
        assert reader.sources()
        items = list(reader.items())
        known = set(reader.vocabulary().classes), set(reader.vocabulary().tags)
        for item in items:
            assert isinstance(item, Item | Rejection)
            if isinstance(item, Item):
                assert set(item.classes) <= known[0]
                assert {*item.tags, *(box.tag for box in item.boxes or ())} <= known[1]
        return items
    return []


def rows(items):
    return sum(isinstance(item, Item) or item.lost for item in items)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("column", [*COLUMNS, "objects"])
def test_a_column_of_an_odd_type_is_read_or_named(tmp_path, dataset, column, name):
    others = {"label": [["cat"]] * 3} if column != "label" else {}
    if column in ("boxes", "box_labels"):
        others |= {"boxes": [[[0.0, 0.0, 0.5, 0.5]]] * 3, "box_labels": [["cup"]] * 3}
    write(tmp_path / "a.parquet", **others | {column: ODD[name]})
    assert rows(read(tmp_path, dataset)) in (0, 3)
    write(tmp_path / "b.parquet", **others | {column: ODD["text"]})  # of another type
    assert rows(read(tmp_path, dataset)) in (0, 6)


@FEW
@given(
    chosen=st.dictionaries(st.sampled_from(COLUMNS[1:]), st.sampled_from(sorted(ODD)), min_size=2)
)
def test_odd_columns_together_are_read_or_named(tmp_path, dataset, chosen):
    write(tmp_path / "a.parquet", **{column: ODD[name] for column, name in chosen.items()})
    assert rows(read(tmp_path, dataset)) in (0, 3)


def test_a_path_that_is_not_utf_8_names_no_picture(tmp_path, dataset):
    (tmp_path / "there.png").write_bytes(b"")
    paths = pa.array([b"caf\xe9.png", b"there.png"], pa.binary())
    paths = pa.StringArray.from_buffers(2, *paths.buffers()[1:])
    image = pa.StructArray.from_arrays(
        [pa.array([None, None], pa.binary()), paths], ["bytes", "path"]
    )
    write(tmp_path / "a.parquet", image=image, label=["cat", "dog"])
    reader = opened(tmp_path, dataset)
    assert list(reader.sources()) == ["a.parquet", "there.png"]
    with pytest.raises(ValueError, match="can't decode byte 0xe9"):  # a row of rejected.parquet
        reader.load("a.parquet", 0)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the folder of a file of each kind."""
    folder = tmp_path_factory.mktemp("sound")
    columns = {
        "label": [0, 1] * 6,
        "tags": [["cat"], ["cat", "dog"], []] * 4,
        "caption": ["a picture of a cat"] * 12,
        "objects": [[BOX]] * 12,
        "image": [{"bytes": bytes(40), "path": "x.png"}] * 12,
    }
    features = hugging_face(label=class_label("cat", "dog"))
    for kind in (".parquet", ".arrow"):
        write(folder / f"a{kind}", features, 4, **columns)
    return folder


@FEW
@example(kind=".parquet", place=0.375, damage=b"\x80")  # a name of a column is no text
@example(kind=".arrow", place=0.048828125, damage=b"\x80")
@given(
    kind=st.sampled_from([".parquet", ".arrow"]),
    place=st.floats(0, 1, exclude_max=True),
    damage=st.one_of(st.none(), st.binary(max_size=24)),
)
def test_a_damaged_file_is_read_or_named(tmp_path, dataset, sound, kind, place, damage):
    content = (sound / f"a{kind}").read_bytes()
    start = int(place * len(content))
    rest = content[start + len(damage) :] if damage is not None else b""  # None: truncated
    root = tmp_path / f"a{kind}"
    root.write_bytes(content[:start] + (damage or b"") + rest)
    read(root, dataset)
