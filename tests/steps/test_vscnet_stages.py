"""The stages of VSCNet one after another, on planted maps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from pipeline_lib.artifacts.exemplars import GRAPHS, PROTOTYPES
from pipeline_lib.artifacts.regions import BOXES
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.steps.exemplars import build as plain
from stages import csnet, exemplars, regions, train
from tests.methods.toy import merged
from tests.methods.vscnet.toy import CSNET, VSCNET
from tests.settled import at_rest
from tests.steps.planted import (
    CLASSES,
    COUNTS,
    EXEMPLARS,
    REGIONS_SECTION,
    Planted,
    contents,
    planted,
)

RECIPE = {"epochs": 12, "batch_size": 10, "optimizer": "adamw", "lr": 0.02}
PARAMS = {
    "csnet": merged(CSNET, {"recipe": RECIPE}),
    "regions": REGIONS_SECTION,
    "exemplars": at_rest(Exemplars, EXEMPLARS),
    "vscnet": merged(VSCNET, {"recipe": RECIPE}) | {"seeds": [0, 3]},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    found = planted(tmp_path_factory.mktemp("planted"))
    with (found.folder / "params.yaml").open("w") as file:
        YAML(typ="safe").dump(PARAMS, file)
    run(found, found.folder / "one")
    return found


def run(files: Planted, out: Path) -> None:
    """Run the four stages as dvc.yaml does."""
    tables = {
        "samples": files.folder / "samples.parquet",
        "categories": files.folder / "categories.parquet",
        "params": files.folder / "params.yaml",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")
        csnet.main(
            "classes", maps=files.maps, checkpoints=out.parent / "checkpoints", out=out / "csnet",
            **tables,
        )  # fmt: skip
        regions.main(
            "classes", images=out, parts=out, maps=files.maps, csnet=out / "csnet",
            out=out / "regions", **tables,
        )  # fmt: skip
        exemplars.main(
            regions=out / "regions", parts=out.parent / f"parts-{out.name}",
            out=out / "exemplars", **tables,
        )  # fmt: skip
        train.main(
            "vscnet", method="vscnet", target="classes", input_=out / "exemplars",
            text="data/none", knowledge=str(out / "exemplars/knowledge.safetensors"),
            weights="data/none", checkpoints=out.parent / "checkpoints", out=out / "train",
            **tables,
        )  # fmt: skip


def test_every_artifact_is_there(files):
    out = files.folder / "one"
    assert len(BOXES.read(out / "regions/boxes.parquet")) == 3 * len(files.ids)
    assert PROTOTYPES.read(out / "exemplars/prototypes.parquet")["retained"].any()
    assert GRAPHS.open(out / "exemplars", files.ids).shapes["beliefs"] == (CLASSES,)
    measured = json.loads((out / "regions/metrics.json").read_text())
    assert measured.keys() == {"test", "val"}
    worth = json.loads((out / "exemplars/metrics.json").read_text())
    assert worth.keys() == {"prototypes", "test", "train", "val"}
    arrays, header = SCORES.read(out / "train/scores.safetensors")
    assert header["seeds"] == [0, 3]
    assert header["encoded"] == [{"maps": COUNTS["train"]}] * 2  # whatever the epochs
    assert header["images_encoded"] == [COUNTS["train"]] * 2
    for split in ("val", "test"):
        assert arrays[f"3/{split}/logits"].shape == (COUNTS[split], CLASSES)
        assert np.isfinite(arrays[f"0/{split}/logits"]).all()
        assert f"0/extra/{split}/adjacency" in arrays
    assert (files.folder / "checkpoints").is_dir()
    assert list((files.folder / "checkpoints").iterdir()) == []


def test_the_same_bytes_twice(files):
    run(files, files.folder / "two")
    assert contents(files.folder / "one") == contents(files.folder / "two")


def test_exemplars_asks_for_the_accelerator(files, monkeypatch):
    asked: list[str | None] = []

    def build(*arguments: Any, device: str | None, **options: Any) -> Any:
        asked.append(device)
        return plain.build(*arguments, device=None, **options)

    monkeypatch.setattr(exemplars, "accelerator", lambda: "cuda")
    monkeypatch.setattr(exemplars, "build", build)
    tables = {name: files.folder / f"{name}.parquet" for name in ("samples", "categories")}
    out = files.folder / "gpu/exemplars"  # as long a path as the other's, which headers name
    exemplars.main(
        **tables, regions=files.folder / "one/regions", parts=files.folder / "parts-one",
        out=out, params=files.folder / "params.yaml",
    )  # fmt: skip
    assert asked == ["cuda"]
    assert contents(out) == contents(files.folder / "one/exemplars")
