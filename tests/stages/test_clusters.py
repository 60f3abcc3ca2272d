"""The stage ``clusters`` on planted images."""

import numpy as np
import pytest
from ruamel.yaml import YAML

from pipeline_lib.artifacts.clusters import read_labels
from pipeline_lib.artifacts.features import write_features
from pipeline_lib.artifacts.samples import SAMPLES, TRAIN
from pipeline_lib.clustering.fuzzy_art import scan_torch as art_torch
from pipeline_lib.clustering.fuzzy_art.scan_torch import present_on
from stages import clusters
from tests.clustering.algorithms import FUZZY_ART
from tests.steps.planted import planted


@pytest.fixture
def inputs(tmp_path):
    found = planted(tmp_path)
    vectors = np.random.default_rng(0).random((len(found.ids), 4), np.float32)
    write_features(tmp_path / "features", found.ids, [vectors])
    with (tmp_path / "params.yaml").open("w") as file:
        section = {"space": "features", "normalise": "none", "algorithm": FUZZY_ART}
        YAML(typ="safe").dump({"clusters": section}, file)
    names = ("samples.parquet", "categories.parquet", "features", "weights")
    return [*(tmp_path / name for name in names), tmp_path / "out", tmp_path / "params.yaml"]


def test_fuzzy_art_scans_on_the_accelerator_with_the_same_labels(inputs, monkeypatch):
    def run():
        clusters.main(*inputs)
        samples = SAMPLES.read(inputs[0])
        ids = samples["sample_id"].filter(samples["split"] == TRAIN).to_list()
        return read_labels(inputs[4], ids)[0]

    def there(device, *rest):
        asked.append(device)
        return present_on("cpu", *rest)

    here, asked = run(), []
    monkeypatch.setattr(clusters, "accelerator", lambda: "cuda")
    monkeypatch.setattr(art_torch, "present_on", there)
    np.testing.assert_array_equal(run(), here)
    assert asked == ["cuda"] * FUZZY_ART["epochs"]
