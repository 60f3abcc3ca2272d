"""The program beside an exported graph, which uses it without this project."""

import math
from string import Template

from pipeline_lib.artifacts.exported import FILES, Format, Pixels
from pipeline_lib.encoders.preprocess import Preprocess

# What timm's evaluation transform does: torchvision.transforms.Resize and CenterCrop, or for
# "border" timm.data.transforms.ResizeKeepRatio and CenterCropOrPad.
SIDES = {
    "center": "[int(to * side / min(picture.size)) for side in picture.size]",
    "squash": "[to, to]",
    "border": "[round(side / (max(picture.size) / to)) for side in picture.size]",
}
CROP = """\
left, top = (round((side - size) / 2) for side in sides)
picture = picture.crop((left, top, left + size, top + size))"""
PAD = """\
place = [(size - s) // 2 if s < size else -round((s - size) / 2) for s in sides]
inner, picture = picture, Image.new("RGB", (size, size), tuple(about["pixels"]["fill"]))
picture.paste(inner, tuple(place))"""
RUNS: dict[Format, tuple[str, str]] = {
    "onnx": (
        "import onnxruntime",
        """\
network = onnxruntime.InferenceSession("$file")
scores, probabilities = network.run(None, {"images": pixels[None]})""",
    ),
    "torchscript": (
        "import torch",
        """\
network = torch.jit.load("$file")
scores, probabilities = (found.numpy() for found in network(torch.from_numpy(pixels[None])))""",
    ),
}
PROGRAM = Template("""\
import json
import sys

import numpy as np
$library
from PIL import Image, ImageOps

about = json.load(open("export.json", encoding="utf-8"))
size, to = about["pixels"]["size"], about["pixels"]["resize"]
picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")
sides = $sides
picture = picture.resize(sides, Image.Resampling.$interpolation)
$crop
pixels = np.array(picture).transpose(2, 0, 1).copy()
$runs
for place in probabilities[0].argsort()[::-1][:5]:
    print(about["names"][place], f"{probabilities[0, place]:.6f}", f"{scores[0, place]:.6f}")
""")


def pixels_of(preprocess: Preprocess) -> Pixels:
    """Return how pictures are prepared, in words of Pillow."""
    red, green, blue = (round(255 * value) for value in preprocess.mean)
    return Pixels(
        size=preprocess.size,
        resize=math.floor(preprocess.size / preprocess.crop_pct),
        mode=preprocess.crop_mode,  # type: ignore[arg-type]  # checked by the model
        interpolation=preprocess.interpolation.upper(),
        fill=(red, green, blue),
        mean=preprocess.mean,
        std=preprocess.std,
        crop_pct=preprocess.crop_pct,
    )


def script(to: Format, pixels: Pixels) -> str:
    """Return a Python program: ``python predict.py PICTURE``, in the exported folder.

    It prints the five likeliest names, their probabilities and scores. Pillow, numpy and what runs
    the graph are all that it needs.
    """
    library, runs = RUNS[to]
    return PROGRAM.substitute(
        library=library,
        sides=SIDES[pixels.mode],
        interpolation=pixels.interpolation,
        crop=PAD if pixels.mode == "border" else CROP,
        runs=Template(runs).substitute(file=FILES[to]),
    )
