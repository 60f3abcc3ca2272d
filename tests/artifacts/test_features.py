import numpy as np
import pytest

from pipeline_lib.artifacts import features
from pipeline_lib.artifacts.features import INDEX, read_features, shard_path, write_features
from pipeline_lib.errors import InputError

IDS = ["a", "b", "c", "d", "e"]
VECTORS = np.arange(10, dtype=np.float32).reshape(5, 2)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The features of five images in shards of two."""
    monkeypatch.setattr(features, "ROWS_PER_SHARD", 2)
    write_features(tmp_path / "f", IDS, (VECTORS[i : i + 2] for i in (0, 2, 4)))
    return tmp_path / "f"


def test_vectors_come_back_in_order(folder):
    found = read_features(folder, IDS)
    np.testing.assert_array_equal(found, VECTORS)
    assert found.dtype == np.float32


def test_the_index_says_where_each_vector_is(folder):
    rows = INDEX.read(folder / "index.parquet").rows()
    assert rows == [("a", 0, 0), ("b", 0, 1), ("c", 1, 0), ("d", 1, 1), ("e", 2, 0)]
    names = ["global-00000", "global-00001", "global-00002"]
    assert [p.stem for p in sorted(folder.glob("*.safetensors"))] == names


@pytest.mark.parametrize("ids", [IDS[:4], [*IDS, "f"], ["a", "b", "c", "d", "x"]])
def test_features_of_other_images_are_refused(folder, ids):
    expected = rf"f: holds features of 5 other images than the {len(ids)} asked for; re-run `dvc"
    with pytest.raises(InputError, match=expected):
        read_features(folder, ids)


def test_a_missing_shard_is_named(folder):
    shard_path(folder, 1).unlink()
    with pytest.raises(
        InputError, match=r"global-00001\.safetensors: missing; run `dvc repro feat"
    ):
        read_features(folder, IDS)
