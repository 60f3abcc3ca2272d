"""Weights of any method of the catalogue say what it takes to use them: network, pixels, names."""

from typing import Any

import numpy as np
import open_clip
import pytest
import torch

import stages.csnet
import stages.exemplars
import stages.features
import stages.maps
import stages.regions
import stages.train
from pipeline_lib.artifacts.labelled import read_categories, read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.methods.registry import METHODS, VLP, Method
from pipeline_lib.steps.train.inputs import open_input
from tests.methods.toy import merged
from tests.stages.test_cost import Whole

CLIP, BY_MAPS, BY_IMAGES = "test_resnet_stride8", "test_resnet", "lenet5"  # the default preset's
MEANS = dict.fromkeys((BY_MAPS, BY_IMAGES), [0.5] * 3) | {CLIP: list(open_clip.OPENAI_DATASET_MEAN)}
SMALLER: dict[str, dict[str, Any]] = {  # where the default is larger than the pictures
    "base": {"backbone": {"image_size": 32}},
    "csrms": {"backbone": {"image_size": 32}, "n_neighbours": 3},
    "vscnet": {"width": 16},
    "c2srt": {"ist": {"heads": 2, "hidden": 4}},
    "sigrl": {"correlation": {"heads": 2, "hidden": 4}},
}


class Everything(Whole):
    """All that any method reads."""

    def __init__(self, folder, root):
        super().__init__(folder, root)
        self.document["csnet"] |= {"steps": 3, "min_grid": 4}
        self.document["csnet"]["recipe"]["epochs"] = 1
        self.document["regions"]["random_draws"] = 1
        for name in METHODS:
            recipe = {"seeds": [0], "epochs": 1, "batch_size": 16}
            if "warmup_epochs" in self.document[name]["recipe"]:
                recipe["warmup_epochs"] = 0
            small = merged(self.document[name], {"recipe": recipe})
            self.document[name] = merged(small, SMALLER.get(name, {}))

    def prepare(self):
        self.ingest()
        self.baseline("classes")
        self.baseline("tags")
        self.encode(stages.features)
        self.encode(stages.maps)
        self.relate()
        self.locate()
        self.vlp()
        self.text()
        self.graph()

    def locate(self):
        tables = {"samples": self.samples, "categories": self.categories, "params": self.params}
        maps, kept = self.folder / "maps", self.folder / "kept"
        csnet, regions = self.folder / "csnet", self.folder / "regions"
        stages.csnet.main("classes", maps=maps, checkpoints=kept, out=csnet, **tables)
        stages.regions.main("classes", maps=maps, csnet=csnet, out=regions, **tables)
        stages.exemplars.main(
            regions=regions, parts=self.folder / "parts", out=self.folder / "exemplars", **tables
        )

    def header(self, method: Method):
        """Train it on what its entry says that it reads."""
        paths = (method.input, method.text, method.knowledge, method.weights)
        input_, text, knowledge, weights = map(self._local, paths)
        out = self.folder / f"trained-{method.name}"
        stages.train.main(
            method.name, method.name, method.targets[0], self.samples, self.categories, input_,
            str(text), str(knowledge), str(weights), self.folder / "kept", out, self.params,
        )  # fmt: skip
        return WEIGHTS.read(out / "weights.safetensors")[1]

    def _local(self, path):
        if path == "data/none":
            return path
        _, _, stage, *rest = path.split("/")
        files = [part for part in rest if "." in part]
        found = {"ingest": "", "category_graph": "graph"}.get(stage, stage)
        name = [part.removesuffix(".safetensors") if not found else part for part in files]
        return self.folder.joinpath(*[part for part in (found, *name) if part])


@pytest.fixture(scope="module")
def project(tmp_path_factory, request):
    found = Everything(tmp_path_factory.mktemp("everything"), request.config.rootpath)
    found.prepare()
    return found


def network(method: Method) -> str:
    """Name what encodes the images that a method reads."""
    if method.weights == VLP:
        return CLIP
    return BY_IMAGES if "/ingest/" in method.input else BY_MAPS


@pytest.mark.parametrize("name", METHODS)
def test_weights_name_the_network_its_pixels_and_what_is_predicted(project, name):
    method = METHODS[name]
    header = project.header(method)
    names = read_categories(project.categories).names(method.targets[0])
    assert (header["method"], header["target"], header["names"]) == (name, method.targets[0], names)
    model = network(method)
    assert header["model"] == header["backbone"]["model"] == model
    assert header["backbone"]["image_size"] == header["preprocess"]["size"] == 32
    seen = header["preprocess"]
    assert seen.keys() == {"size", "mean", "std", "interpolation", "crop_pct", "crop_mode"}
    assert seen["mean"] == MEANS[model]


@pytest.mark.parametrize("name", [name for name, m in METHODS.items() if m.weights == VLP])
def test_tower_and_weights_give_the_vectors_that_were_scored(project, name):
    project.header(METHODS[name])
    out, table = project.folder / f"trained-{name}", read_samples(project.samples)
    arrays, _ = WEIGHTS.read(out / "weights.safetensors")
    source = open_input(
        project.folder / "images", table.samples, None, project.folder / "vlp", seed=0, device="cpu"
    )
    trained = {key: torch.from_numpy(v) for key, v in arrays.items() if "/student.visual." in key}
    state = {key.removeprefix("0/student.visual."): value for key, value in trained.items()}
    assert source.encoder.visual.load_state_dict(state, strict=False).unexpected_keys == []
    with torch.no_grad():
        found = source.encoder.visual.eval()(source.fetch(table.rows(TEST))).pooled
    scored, header = SCORES.read(out / "scores.safetensors")
    np.testing.assert_array_equal(found.half().numpy(), scored["0/test/features"])
    blocks = header["settings"].get("student", {}).get("trained_blocks", 0)
    assert any("running_var" in key for key in state) == (blocks > 0)
