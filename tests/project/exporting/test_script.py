"""Programs without this project: their pictures are prepared as training prepared them."""

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.project.exporting.script import pixels_of, script

SIZES = [(32, 32), (40, 33), (33, 57), (31, 90), (200, 37), (20, 24), (256, 255)]
WAYS = [("center", 0.875), ("center", 1.0), ("squash", 1.0), ("squash", 0.9), ("border", 1.0)]


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize(("mode", "crop_pct"), WAYS)
def test_a_program_prepares_pictures_as_training_does(
    mode, crop_pct, interpolation, tmp_path, monkeypatch
):
    preprocess = Preprocess(32, (0.3, 0.4, 0.5), (0.2, 0.2, 0.2), interpolation, crop_pct, mode)
    pixels = pixels_of(preprocess)
    program = script("torchscript", pixels)
    start, end = program.index("picture = "), program.index("network = ")
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0)
    for width, height in SIZES:
        found = draw.integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(found).save("picture.png")
        said = {"pixels": pixels.model_dump()}
        names = {"np": np, "about": said, "size": pixels.size, "to": pixels.resize}
        words = "from PIL import Image, ImageOps\nclass sys: argv = ['', 'picture.png']\n"
        exec(words + program[start:end], names)
        np.testing.assert_array_equal(names["pixels"], preprocess.geometry([found])[0].numpy())


def test_a_program_has_about_twenty_lines():
    for to in ("onnx", "torchscript"):
        text = script(to, pixels_of(Preprocess(32, (0.5,) * 3, (0.5,) * 3, "bicubic", 1, "center")))
        assert len([line for line in text.splitlines() if line]) <= 20
