"""What is clustered: synthetic mixtures, and features of real photos."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

CENTRES, NOISE, RHO = 400, 0.05, 0.75
CACHE = Path("build/benchmarks")  # features of photos; ignored by git
WEIGHTS = "weights/mobilenet_v2_1.0_224_int8pc.npz"
# Name, files, images and side in pixels. Small pictures and few: encoding takes longer than the
# clustering by far.
PHOTOS = {
    "cifar10": (["cifar10/train-00.parquet"], 5_000, 96),
    "ingredient101": (["ingredient101/train-00.parquet", "ingredient101/test.parquet"], 1_880, 224),
}
PHOTO_RHO = {"cifar10": 0.85, "ingredient101": 0.85}


def mixture(samples: int, dimensions: int, centres: int = CENTRES) -> np.ndarray:
    """Draw samples around centres in the unit cube, float32, with normal noise."""
    rng = np.random.default_rng(0)
    means = rng.random((centres, dimensions))
    drawn = np.empty((samples, dimensions), np.float32)
    for first in range(0, samples, 10_000):  # so that memory is the result's
        rows = drawn[first : first + 10_000]
        which = rng.integers(0, centres, len(rows))
        rows[:] = means[which] + rng.normal(0, NOISE, rows.shape)
    return drawn


def photos(name: str, data: Path | None) -> np.ndarray | str:
    """Return MobileNetV2's features of a data set's photos, float32, or why there are none."""
    if data is None:
        return "no photos are here; name the folder by --data"
    files, most, side = PHOTOS[name]
    missing = [f for f in (*files, WEIGHTS) if not (data / f).is_file()]
    if missing:
        return f"{data / missing[0]} is not here; name the folder by --data"
    cached = CACHE / f"{name}.npy"
    if not cached.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        shown = pictures([data / f for f in files])[:most]
        np.save(cached, encoder(data / WEIGHTS, side)(shown))
    found: np.ndarray = np.load(cached)
    return found


def pictures(files: list[Path]) -> list[np.ndarray]:
    """Return the photos of some Parquet files, RGB uint8."""
    import polars as pl
    from PIL import Image

    found = pl.concat([pl.read_parquet(file, columns=["image"]) for file in files])["image"]
    return [np.asarray(Image.open(io.BytesIO(one)).convert("RGB")) for one in found]


def encoder(weights: Path, side: int) -> Callable[[list[np.ndarray]], np.ndarray]:
    """Return what turns photos into MobileNetV2's features, float32."""
    from pipeline_lib.encoders.extractor import Extractor
    from pipeline_lib.encoders.mobilenet_int8 import MODEL
    from pipeline_lib.fingerprint import file_digest
    from pipeline_lib.params.features import Features

    backbone = {"model": MODEL, "pretrained": False, "image_size": side}
    params = Features.model_validate(
        {"backbone": backbone, "weights": str(weights), "batch_size": 32, "precision": "float32"}
    )
    extractor = Extractor(params, "cpu", params.batch_size, file_digest(weights))
    return lambda images: extractor.encode(images)["global"]
