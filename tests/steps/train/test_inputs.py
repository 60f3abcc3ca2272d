"""What a run reads: images, feature maps or graphs."""

import numpy as np
import pytest
import torch

from pipeline_lib.artifacts.exemplars import GRAPHS
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.steps.train import inputs
from pipeline_lib.steps.train.inputs import Stored, open_input
from tests.artifacts.filled import filled
from tests.steps.conftest import Ingested
from tests.steps.planted import DIMS, SIDE, Planted, planted


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    found = planted(tmp_path_factory.mktemp("planted"))
    found.locate()
    count = len(found.ids)
    graphs = filled(GRAPHS, images=count) | {
        "pooled": np.arange(count * 2, dtype=np.float16).reshape(count, 2),
        "matched": np.arange(count, dtype=np.int32)[:, None],
    }
    GRAPHS.write(found.folder / "graphs", found.ids, [graphs])
    return found


def opened(files: Planted, name: str) -> inputs.Source:
    return open_input(files.folder / name, files.samples, None, None, seed=0, device="cpu")


def test_maps_come_in_single_precision_and_an_encoder_that_passes_them_on(files):
    source = opened(files, "maps")
    found = source.fetch([3, 0])
    assert (found.dtype, found.shape) == (torch.float32, (2, DIMS, SIDE, SIDE))
    expected = MAPS.open(files.maps, files.ids).rows([3, 0], "maps")
    np.testing.assert_array_equal(found, expected.astype(np.float32))
    assert source.encoder(found) is found
    assert source.encoder.num_features == DIMS


def test_graphs_come_as_tensors_by_name(files):
    found = opened(files, "graphs").fetch([5, 2])
    always = {array.name for array in GRAPHS.arrays if not array.name.startswith("lattice")}
    assert found.keys() == always  # regions of a lattice are looked at where that is on
    assert found["pooled"].tolist() == [[10, 11], [4, 5]]
    assert found["pooled"].dtype == torch.float32
    assert (found["matched"].tolist(), found["matched"].dtype) == ([[5], [2]], torch.int32)


def test_images_need_a_backbone(ingested, tmp_path):
    data: Ingested = ingested({"train/a/0.png": 0, "train/b/0.png": 1, "test/a/0.png": 2})
    path = data.folder / "images.safetensors"
    backbone = Backbone(model="lenet5", pretrained=False, image_size=32)
    source = open_input(path, data.samples, backbone, None, seed=0, device="cpu")
    assert source.encoder(source.fetch([1, 0])).shape == (2, 84)
    expected = r"images\.safetensors: holds images, and the method has neither a backbone nor a"
    with pytest.raises(InputError, match=expected):
        open_input(path, data.samples, None, None, seed=0, device="cpu")


def test_an_image_tower_starts_behind_maps_and_nothing_else(files, tmp_path):
    with pytest.raises(InputError, match=r"graphs: holds .*, and the image tower of .* expected t"):
        open_input(files.folder / "graphs", files.samples, None, tmp_path, seed=0, device="cpu")


def test_a_folder_of_another_kind_is_refused(files, tmp_path):
    with pytest.raises(InputError, match="holds artifact 'regions' version 2, expected 'graphs'"):
        opened(files, "regions")
    (files.folder / "empty").mkdir(exist_ok=True)
    with pytest.raises(InputError, match=r"index\.parquet: missing; run `dvc repro exemplars`"):
        opened(files, "empty")


@pytest.mark.parametrize("name", ["maps", "graphs"])
def test_inputs_of_other_images_are_refused(files, name):
    fewer = files.samples.head(5)
    with pytest.raises(InputError, match=r"holds 30 other images than the 5 asked for; re-run"):
        open_input(files.folder / name, fewer, None, None, seed=0, device="cpu")


def test_what_does_not_fit_in_memory_is_read_row_by_row(files, monkeypatch):
    reader = MAPS.open(files.maps, files.ids)
    kept = Stored(reader, "maps", "cpu")
    monkeypatch.setattr(inputs, "KEEP_BYTES", 10)
    read = Stored(reader, "maps", "cpu")
    assert read._kept is None
    assert torch.equal(read([4, 1, 4]), kept([4, 1, 4]))
