import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.evaluation import (
    AVERAGE_PRECISION,
    CONFUSION,
    DRAWS,
    EMBEDDING,
    LIVENESS,
    PER_CATEGORY,
    PER_IMAGE,
    RELIABILITY,
    write_evaluation,
)
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.thresholds import read_thresholds
from tests.artifacts.test_thresholds import FOUND as THRESHOLDS

MEASURES = [{"metric": "map_voc_area", "cut": None}]
FRAMES = {
    "per_image": (
        PER_IMAGE,
        {"sample_id": "a", "metric": "f1", "split": "test", "value": [0.5]},
    ),
    "per_category": (
        PER_CATEGORY,
        {"split": "test", "category": [0], "name": "cat", "images": 3, "precision": 0.5}
        | {"recall": 1.0, "f1": 2 / 3, "precision_chosen": 0.5, "recall_chosen": 0.0}
        | {"f1_chosen": None},
    ),
    "reliability": (
        RELIABILITY,
        {"split": "test", "probabilities": "tempered", "bin": [0], "low": 0.0, "high": 0.5}
        | {"beliefs": 3, "probability": 0.25, "true": 1.0, "true_low": 0.5, "true_high": 1.0},
    ),
    "average_precision": (
        AVERAGE_PRECISION,
        {"split": "test", "metric": "map", "category": [0], "name": "cat", "images": 0}
        | dict.fromkeys(("value", "low", "high")),
    ),
    "liveness": (
        LIVENESS,
        {"module": "ist", "reading": "between labels", "split": "test", "about": "A share."}
        | {"value": [0.2], "least": 0.1, "most": 0.3, "bar": None, "above": True, "alive": None},
    ),
    "confusion": (CONFUSION, {"split": "test", "true": [0], "predicted": 1, "count": 2}),
    "embedding": (EMBEDDING, {"sample_id": "a", "x": [0.0], "y": -1.5}),
}


@pytest.fixture
def folder(tmp_path):
    """What `evaluate` writes of one image."""
    frames = {name: pl.DataFrame(rows, table.dtypes) for name, (table, rows) in FRAMES.items()}
    frames["predictions"] = pl.DataFrame({"actual": ['a "b", c', "ü"], "predicted": "cat"})
    draws = {"test/map_voc_area": np.array([0.5, 0.4, 0.6])}
    found = {"metrics": {"test": 0.5}, "details": {"test": {"f1": 0.5}}, "draws": draws}
    write_evaluation(tmp_path, measures=MEASURES, thresholds=THRESHOLDS, **found, **frames)
    return tmp_path


@pytest.mark.parametrize("name", FRAMES)
def test_tables_come_back(folder, name):
    table, rows = FRAMES[name]
    expected = pl.DataFrame(rows, table.dtypes)
    assert table.read(folder / f"{name}.parquet").equals(expected)


def test_draws_come_back(folder):
    found, header = DRAWS.read(folder / "draws.safetensors")
    assert header["measures"] == MEASURES
    assert {name: values.tolist() for name, values in found.items()} == {
        "test/map_voc_area": [0.5, 0.4, 0.6]
    }


def test_metrics_and_predictions_are_plain_text_for_dvc(folder):
    assert read_json(folder / "metrics.json") == {"test": 0.5}
    assert read_json(folder / "details.json") == {"test": {"f1": 0.5}}
    text = (folder / "predictions.csv").read_text(encoding="utf-8")
    assert text == 'actual,predicted\n"a ""b"", c",cat\nü,cat\n'


def test_thresholds_come_back(folder):
    assert read_thresholds(folder / "thresholds.json") == THRESHOLDS
