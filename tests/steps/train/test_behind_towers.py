"""A run that starts behind maps which the very towers that it starts from have made."""

import numpy as np
import pytest
import torch

from pipeline_lib.artifacts.made import FROZEN_FILE
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.encoders.extractor import extractor
from pipeline_lib.encoders.frozen import write_frozen
from pipeline_lib.encoders.vlp.load import load
from pipeline_lib.encoders.vlp.tower_map import described
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.behind_maps import open_behind
from tests.encoders.vlp.models import config
from tests.encoders.vlp.test_tower_map import maps, written

IDS = ["a", "b", "c"]


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in IDS]


def reader_of(folder, towers, pictures, kind):
    """Write maps as the stage does, and open them."""
    params = maps(towers)
    encoder = extractor(params, "cpu", pictures)
    write_frozen(folder / FROZEN_FILE, params, encoder.network, {})
    about = {"backbone": described(config(kind)), "preprocess": encoder.network.preprocess.about}
    MAPS.write(folder, IDS, [encoder.encode(pictures)], **about)
    return MAPS.open(folder, IDS)


def test_its_vectors_are_those_of_the_pixels(tmp_path, pictures):
    towers = written(tmp_path / "towers", "timm resnet")
    reader = reader_of(tmp_path / "maps", towers, pictures, "timm resnet")
    whole = load(towers)
    inputs = whole.preprocess.normalise(whole.preprocess.geometry(pictures))
    stored = torch.from_numpy(reader.rows([0, 1, 2], "maps")).float()
    with torch.no_grad():
        found = open_behind(reader, towers).visual(stored).pooled
        expected = whole.model.visual(inputs).pooled
    torch.testing.assert_close(found, expected, atol=3e-3, rtol=3e-3)


def test_towers_without_a_trunk_of_timm_are_refused(tmp_path, pictures):
    towers = written(tmp_path / "towers", "resnet")
    reader = reader_of(tmp_path / "maps", towers, pictures, "resnet")
    expected = r"the image tower is a ModifiedResNet, expected one with a trunk of timm"
    with pytest.raises(InputError, match=expected):
        open_behind(reader, towers)
