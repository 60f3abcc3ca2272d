import importlib
import math
import pkgutil

import dataframely as dy
import polars as pl
import pytest
from ruamel.yaml import YAML

from pipeline_lib import artifacts
from pipeline_lib.artifacts.evaluation import EMBEDDING, PER_IMAGE
from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

KINDS = {
    f"{module.name}.{name}": kind
    for module in pkgutil.iter_modules(artifacts.__path__)
    for name, kind in vars(
        importlib.import_module(f"pipeline_lib.artifacts.{module.name}")
    ).items()
    if isinstance(kind, Table | Tensors)
}  # fmt: skip
TABLES = sorted(name for name, kind in KINDS.items() if isinstance(kind, Table))
BOX = {"tag": 0, "x": 0.0, "y": 1.0, "w": 0.5, "h": 0.25}


def sample(**changes):
    """One sound row of the sample table, with some values changed."""
    row = {
        "sample_id": "a", "split": "train", "classes": [0], "tags": [], "difficult": None,
        "all_tags": None, "unknown": None, "captions": None, "boxes": None, "width": 3,
        "height": 2, "sha256": "0" * 64, "path": "a.png", "row": None,
    }  # fmt: skip
    return pl.DataFrame([row | changes], SAMPLES.dtypes)


@pytest.mark.parametrize("name", TABLES)
def test_any_table_that_fits_its_schema_survives_writing(tmp_path, name):
    frame = KINDS[name].schema.sample(5, generator=dy.random.Generator(0))
    KINDS[name].write(frame, tmp_path / "t")
    assert KINDS[name].read(tmp_path / "t").equals(frame.sort(KINDS[name].key))


def test_every_kind_names_a_stage_that_can_be_repeated(root):
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    # a kind of artifact whose stage is still being written has its script first
    scripts = {path.stem for path in (root / "stages").glob("*.py")}
    # a kind that several stages write names them all, "relations or exemplars"
    named = {stage for kind in KINDS.values() for stage in kind.stage.split(" or ")}
    assert named <= stages.keys() | scripts


def test_no_two_kinds_of_tensors_have_one_name():
    kinds = {id(kind): kind for kind in KINDS.values() if isinstance(kind, Tensors)}
    assert len({kind.artifact for kind in kinds.values()}) == len(kinds)


@pytest.mark.parametrize(
    "changes",
    [
        {"split": "test_shift"},
        {"classes": [], "tags": [0, 5], "captions": ["A dog.", "A dog."]},
        {"tags": [0], "difficult": [1, 5]},
        {"tags": [0], "unknown": [1, 5]},
        {"difficult": []},
        {"boxes": []},
        {"boxes": [BOX, BOX | {"tag": 1}]},
        {"row": 0, "path": "train-00.parquet"},
    ],
)
def test_samples_of_every_data_set_fit(tmp_path, changes):
    SAMPLES.write(sample(**changes), tmp_path / "t")
    assert SAMPLES.read(tmp_path / "t").equals(sample(**changes))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"sample_id": ""}, "sample_id|min_length"),
        ({"split": "Train"}, "split|regex"),
        ({"split": "train\n"}, "split|regex"),
        ({"split": None}, "split|nullability"),
        ({"classes": None}, "classes|nullability"),
        ({"classes": [-1]}, "classes|inner_min"),
        ({"tags": [0, None]}, "tags|inner_nullability"),
        ({"difficult": [-1]}, "difficult|inner_min"),
        ({"unknown": [-1]}, "unknown|inner_min"),
        ({"captions": [""]}, "captions|inner_min_length"),
        ({"captions": ["A dog.", None]}, "captions|inner_nullability"),
        ({"boxes": [BOX | {"x": 1.5}]}, "boxes|inner_inner_x_max"),
        ({"boxes": [BOX | {"h": float("nan")}]}, "boxes|inner_inner_h_max"),
        ({"boxes": [BOX | {"tag": None}]}, "boxes|inner_inner_tag_nullability"),
        ({"width": 0}, "width|min"),
        ({"sha256": "0" * 63}, "sha256|regex"),
        ({"sha256": "G" * 64}, "sha256|regex"),
        ({"row": -1}, "row|min"),
    ],
)
def test_samples_that_break_the_contract_are_refused(tmp_path, changes, rule):
    with pytest.raises(InputError) as caught:
        SAMPLES.write(sample(**changes), tmp_path / "t")
    assert f"t: rule '{rule}' fails in 1 rows" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_class_and_a_tag_may_share_an_index_but_not_two_classes(tmp_path):
    rows = {"kind": ["class", "tag"], "index": [0, 0], "name": ["a", "b"]}
    frame = pl.DataFrame(rows | {"seen": True, "train_count": 1, "far": None}, CATEGORIES.dtypes)
    CATEGORIES.write(frame, tmp_path / "t")
    twice = frame.with_columns(kind=pl.lit("class"))
    with pytest.raises(InputError, match=r"'primary_key' fails in 2 rows, .*'index': 0}"):
        CATEGORIES.write(twice, tmp_path / "t")


def test_an_item_may_be_rejected_for_two_reasons(tmp_path):
    rows = {"item": ["a", "a"], "reason": ["no class", "truncated image"], "detail": ["", "x"]}
    frame = pl.DataFrame(rows | {"split": None}, REJECTED.dtypes)
    REJECTED.write(frame, tmp_path / "t")
    assert len(REJECTED.read(tmp_path / "t")) == 2


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    frame = pl.DataFrame({"sample_id": ["a"], "x": [0.0], "y": [float("nan")]})
    with pytest.raises(InputError, match=r"rule 'y\|nan' fails in 1 rows"):
        EMBEDDING.write(frame, tmp_path / "t")
    frame = pl.DataFrame({"sample_id": "a", "metric": "f1", "split": "val", "value": [math.inf]})
    with pytest.raises(InputError, match=r"rule 'value\|inf' fails in 1 rows"):
        PER_IMAGE.write(frame, tmp_path / "t")
