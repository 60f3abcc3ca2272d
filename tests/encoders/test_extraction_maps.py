"""Feature maps of a small data set, through a kill."""

import numpy as np
import pytest

from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.encoders import extraction
from pipeline_lib.encoders.extraction import extract
from pipeline_lib.encoders.window import windows
from pipeline_lib.params.maps import Maps
from pipeline_lib.progress import silent
from tests.steps.planted import contents

PICTURES = {
    f"{split}/{c}/{i}.png": 10 * ord(c) + i + 5 * (split == "test")
    for split in ("train", "test") for c in "ab" for i in range(3)
}  # fmt: skip
PARAMS = Maps.model_validate({
    "backbone": {"model": "test_resnet", "pretrained": False, "image_size": 32, "output_stride": 8},
    "weights": "data/none", "layer": "last", "batch_size": 2, "precision": "float32",
})  # fmt: skip


def write(data, parts, out, track=silent):
    found = extract(
        PARAMS, data.samples, data.images, parts, per_chunk=5, device="cpu", track=track
    )
    ids = data.samples["sample_id"].to_list()
    MAPS.write(out, ids, found.chunks, preprocess=found.network.preprocess.about)
    return found.encoded


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(extraction, "IMAGES_PER_PART", 4)
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")


def test_maps_survive_a_kill_with_the_same_bytes(ingested, tmp_path):
    data = ingested(PICTURES)

    def killing(items, *, label, total):
        assert (label, total) == ("maps: parts", 3)
        for number, item in enumerate(items):
            if number == 1:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        write(data, tmp_path / "killed", tmp_path / "none", killing)
    assert write(data, tmp_path / "killed", tmp_path / "resumed") == 12 - 2 * 4
    assert write(data, tmp_path / "parts", tmp_path / "fresh") == 12
    assert contents(tmp_path / "resumed") == contents(tmp_path / "fresh")


def test_the_window_of_maps_is_that_of_their_preprocessing(ingested, tmp_path):
    data = ingested(PICTURES)
    write(data, tmp_path / "parts", tmp_path / "maps")
    about = MAPS.open(tmp_path / "maps", data.samples["sample_id"].to_list()).header["preprocess"]
    assert about["crop_mode"] == "center"
    share = 32 / np.floor(32 / about["crop_pct"])  # pictures of 32 × 32
    found = windows(tmp_path / "maps", data.samples)
    np.testing.assert_allclose(found, [[(1 - share) / 2] * 2 + [(1 + share) / 2] * 2] * 12)
