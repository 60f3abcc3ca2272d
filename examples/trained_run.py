"""Load a trained run of a checkout, and ask it about pictures. Run it where `dvc repro` ran."""

import sys

import numpy as np
import polars as pl
from PIL import Image

from pipeline_lib import open_project

FIRST = ("top_k_accuracy_1", "map_noninterpolated")  # of classes, and of tags

project = open_project(".")
for name, run in project.runs.items():
    judged = run.metrics().filter(pl.col("metric").is_in(FIRST), split="test").row(0, named=True)
    value, low, high = (judged[key] for key in ("value", "low", "high"))
    print(f"{name}: {judged['metric']} {value:.3f} [{low:.3f}, {high:.3f}]")

run = project.load("base")  # the network that was scored
print(f"{run.method} knows {len(run.names)} {run.target}: {', '.join(run.names[:5])}, …")

paths = sys.argv[1:]  # pictures of yours; else noise, which a classifier has to call something
noise = np.random.default_rng(0).integers(0, 256, (2, 96, 128, 3), np.uint8)
pictures = [np.asarray(Image.open(path).convert("RGB")) for path in paths] or list(noise)
print(run.predict(pictures, top=3).frame(paths or ["noise 0", "noise 1"]))
