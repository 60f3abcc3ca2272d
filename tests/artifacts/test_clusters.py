import numpy as np
import pytest

from pipeline_lib.artifacts.clusters import PROTOTYPES, read_labels, write_clusters
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.errors import InputError

IDS = ["a", "b", "c"]


@pytest.fixture
def folder(tmp_path):
    """Three images in two of three clusters."""
    sizes = {"means": np.zeros((3, 4), np.float32), "sizes": np.array([2, 0, 1])}
    labels = np.array([0, 2, 0], np.int64)
    write_clusters(tmp_path / "c", IDS, labels, sizes, {"purity": 0.75})
    return tmp_path / "c"


def test_labels_and_the_number_of_clusters_come_back(folder):
    labels, count = read_labels(folder, IDS)
    assert (labels.tolist(), labels.dtype, count) == ([0, 2, 0], np.int64, 3)


def test_prototypes_and_quality_are_beside_them(folder):
    assert PROTOTYPES.read(folder / "prototypes.safetensors")[0]["means"].shape == (3, 4)
    assert read_json(folder / "metrics.json") == {"purity": 0.75}


@pytest.mark.parametrize("ids", [IDS[:2], ["a", "b", "x"]])
def test_clusters_of_other_images_are_refused(folder, ids):
    expected = f"c: holds clusters of 3 other images than the {len(ids)} training images; re-run"
    with pytest.raises(InputError, match=expected):
        read_labels(folder, ids)
