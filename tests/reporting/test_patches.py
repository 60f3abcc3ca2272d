import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.errors import InputError
from pipeline_lib.reporting.backdrops import SIDE, Backdrops
from pipeline_lib.reporting.figures.patches import INFERNO, SHADE, heat, shade


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def pixels(uri, mode):
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))).convert(mode))


def test_what_was_not_chosen_is_darkened():
    chosen = np.array([True, False, False, True])
    assert pixels(shade(chosen), "LA").tolist() == [[[0, 0], [0, SHADE]], [[0, SHADE], [0, 0]]]


def test_colours_run_from_the_lowest_patch_to_the_highest_in_rows():
    found = pixels(heat(np.array([-0.2, 0.0, 0.1, 0.3])), "RGB")
    assert found.shape == (2, 2, 3)
    assert found[0, 0].tolist() == INFERNO[0].tolist()
    assert found[1, 1].tolist() == INFERNO[-1].tolist()
    brightness = found.astype(int).sum(2).ravel()
    assert (np.diff(brightness) > 0).all()


def test_scale_and_origin_of_similarity_change_no_colour(rng):
    values = rng.random(196)
    assert heat(values) == heat(3 * values - 1)


def test_equal_patches_have_one_colour():
    assert len(np.unique(pixels(heat(np.full(9, 0.3)), "RGB").reshape(-1, 3), axis=0)) == 1


def test_pictures_stay_small(rng):
    assert len(heat(rng.random(196))) < 600
    assert len(shade(rng.random(196) > 0.8)) < 300


@pytest.mark.parametrize(
    ("mode", "size", "top"),
    [
        ("shortest", (8, 8), 200),  # the sides are cut off
        ("longest", (16, 16), 0),  # with a border above
        ("squash", (8, 16), 200),  # all of it; the page draws it as a square
    ],
)
def test_pictures_are_what_the_model_sees(workspace, tmp_path, mode, size, top):
    write_json(tmp_path / "open_clip_config.json", {"preprocess_cfg": {"resize_mode": mode}})
    wide = np.full((8, 16, 3), 200, np.uint8)
    found = Backdrops.read(tmp_path, workspace.collection).seen(wide)
    assert found.shape[:2] == size
    middle = [side // 2 for side in size]
    assert (found[0, 0, 0], found[middle[0], middle[1], 0]) == (top, 200)


def test_pictures_are_named_by_what_they_carry(workspace, tmp_path):
    found = Backdrops.read(tmp_path, workspace.collection)
    assert found.mode == "center"  # open_clip's own where nothing says otherwise
    assert (found.title(2), found.carried(2)) == ("test-002: guitar", [2])
    pictures = found.pictures([2, 0, 2])
    assert list(pictures) == [0, 2]
    assert pictures[0].title == "test-000: boat & oar"
    assert found.pictures([]) == {}
    assert max(pictures[0].width, pictures[0].height) <= SIDE


def test_a_damaged_configuration_is_refused(workspace, tmp_path):
    (tmp_path / "open_clip_config.json").write_text("{")
    with pytest.raises(InputError, match=r"open_clip_config.json: not valid JSON"):
        Backdrops.read(tmp_path, workspace.collection)
