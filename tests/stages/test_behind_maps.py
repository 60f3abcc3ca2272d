"""Open-vocabulary runs on feature maps: what is trained is what follows them."""

import shutil
from dataclasses import replace

import numpy as np
import open_clip
import pytest
import torch

import stages.maps
from pipeline_lib.api import load, load_exported
from pipeline_lib.artifacts.json_file import read_json, write_json
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.made import FROZEN, FROZEN_FILE
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.artifacts.vlp import CONFIG_FILE, write_vlp
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.vlp.load import load as load_towers
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.exporting.network import export_network
from pipeline_lib.steps.train.inputs import open_images, open_input
from pipeline_lib.steps.train.loading import load_build
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.network import Problem
from tests.stages.everything import Everything

SIZE, TRUNK = 64, "test_efficientnet"
VISION = {"image_size": SIZE, "timm_model_name": TRUNK, "timm_pool": "avg", "timm_proj": "linear"}
TEXT = {"context_length": 24, "vocab_size": 49_408, "width": 16, "heads": 2, "layers": 1}
OPEN = ("clip", "clip_ft", "mkt", "c2srt", "sigrl")
ONE = {"student": {"trained_blocks": 1}}


class OnMaps(Everything):
    """Maps of a small network, and a vision-language model whose trunk it is."""

    def __init__(self, folder, root):
        super().__init__(folder, root)
        backbone = {"model": TRUNK, "image_size": SIZE, "output_stride": 0}
        self.document["maps"]["backbone"] |= backbone
        self.document["maps"]["weights"] = "data/none"
        for name in OPEN:
            if "recipe" in self.document[name]:
                self.document[name]["recipe"] |= {"augment": "none", "epochs": 2}

    def prepare(self):
        self.ingest()
        self.encode(stages.maps)
        self.towers()
        self.text()
        self.graph()

    def towers(self):
        """Write a model with random projections and text tower around the trunk of the maps."""
        torch.manual_seed(0)
        cfg = {"embed_dim": 16, "vision_cfg": VISION, "text_cfg": TEXT}
        model = open_clip.CLIP(**cfg)
        trunk, header = FROZEN.read(self.folder / "maps" / FROZEN_FILE)
        model.visual.trunk.load_state_dict({n: torch.from_numpy(v) for n, v in trunk.items()})
        seen = header["preprocess"]
        about = {"mean": seen["mean"], "std": seen["std"], "interpolation": "bicubic"}
        whole = {"model_cfg": cfg, "preprocess_cfg": about | {"resize_mode": "shortest"}}
        arrays = {name: value.numpy() for name, value in model.state_dict().items()}
        write_vlp(self.folder / "vlp", arrays, whole, open_clip.SimpleTokenizer(), [])

    def run(self, name, out="", changes=None, **paths):
        maps = {"input": str(self.folder / "maps")} | paths
        own = ONE if "student" in self.document[name] else {}
        return self.trained(METHODS[name], out, changes=own | (changes or {}), **maps)


@pytest.fixture(scope="module")
def project(tmp_path_factory, request):
    found = OnMaps(tmp_path_factory.mktemp("maps"), request.config.rootpath)
    found.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")
        yield found


@pytest.fixture(scope="module")
def runs(project):
    done = {}

    def run(name):
        if name not in done:
            done[name] = project.run(name)
        return done[name]

    return run


@pytest.fixture
def copy(project, tmp_path):
    """The project in another folder, to be damaged."""
    found = OnMaps(tmp_path, project.folder)
    found.document = project.document
    for name in ("ingest", "maps", "vlp", "text", "graph"):
        shutil.copytree(project.folder / name, tmp_path / name)
    return found


def opened(project):
    samples = read_samples(project.samples).samples
    return open_input(
        project.folder / "maps", samples, None, project.folder / "vlp", seed=0, device="cpu"
    )


@pytest.mark.parametrize("name", OPEN)
def test_scores_are_those_of_pixels_up_to_the_half_precision_of_maps(project, runs, name):
    run, (state, header) = (
        load(runs(name), project.folder),
        WEIGHTS.read(runs(name) / "weights.safetensors"),
    )
    table = read_samples(project.samples)
    towers = load_towers(project.folder / "vlp").model
    pixels = open_images(project.images, table.samples, run.preprocess, "cpu")
    pictures = Pictures(table.rows("test").tolist(), pixels)
    told = Problem.told(header["problem"] | {"example": [3, SIZE, SIZE]})
    knowledge = {n.partition("/")[2]: torch.from_numpy(v) for n, v in state.items() if "know" in n}
    frozen = run.settings
    if hasattr(frozen, "student"):  # as a tower of pixels has no block of the projection alone
        frozen = replace(
            frozen, distillation=0.0, student=replace(frozen.student, trained_blocks=0)
        )
    network = load_build(name)(told, knowledge, towers, frozen)
    network.restore({n[2:]: torch.from_numpy(v) for n, v in state.items() if n.startswith("0/")})
    found, expected = run.score().logits, network.eval().score(pictures).logits
    spread = float(expected.std())
    torch.testing.assert_close(found, expected, rtol=0, atol=0.02 * spread)
    assert not torch.equal(found, expected)


@pytest.mark.parametrize("name", OPEN)
def test_what_follows_the_maps_is_trained_and_nothing_else(project, runs, name):
    state, header = WEIGHTS.read(runs(name) / "weights.safetensors")
    moved = {n for n in state if n.startswith("0/student.")}
    assert moved == (set() if name == "clip" else {"0/student.visual.visual.head.proj.weight"})
    assert header["backbone"] == {"model": TRUNK, "image_size": SIZE, "input": "maps"}
    assert header["start"]["path"].endswith("vlp")
    assert [step["stage"] for step in header["made"]] == ["maps"]
    _, scores = SCORES.read(runs(name) / "scores.safetensors")
    assert scores["encoded"] == [{"maps": 40.0}]


@pytest.mark.parametrize("name", OPEN)
def test_any_picture_is_scored_as_it_was_in_training_and_any_name(project, runs, name):
    run, table = load(runs(name), project.folder), read_samples(project.samples)
    pictures = Images(project.images, table.samples).pixels(table.rows("test"))
    stored, _ = SCORES.read(runs(name) / "scores.safetensors")
    np.testing.assert_array_equal(run.score().logits.numpy(), stored["0/test/logits"])
    np.testing.assert_array_equal(
        run.score_images(pictures).logits.numpy(), stored["0/test/logits"]
    )
    assert project.params.exists()
    own = run.of_names(["heron", run.names[0]]).score_images(pictures[:4]).logits
    assert own.shape == (4, 2)
    if not run.together:
        np.testing.assert_allclose(own[:, 1], stored["0/test/logits"][:4, 0], atol=1e-4)


@pytest.mark.parametrize(("name", "to"), [("clip_ft", "torchscript"), ("mkt", "safetensors")])
def test_a_run_on_maps_is_exported_with_the_trunk_before_it(project, runs, tmp_path, name, to):
    assert project.params.exists()
    out = tmp_path / "exported"
    # other kernels round some cells to the other half precision number
    export_network(project.folder, str(runs(name)), to, out, tolerance=1e-3)
    table = read_samples(project.samples)
    pictures = Images(project.images, table.samples).pixels(table.rows("test")[:5])
    expected = load(runs(name), project.folder).score_images(pictures).logits
    found = load_exported(out).score_images(pictures).logits
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-3)


def rewritten(path, kind, **changes):
    arrays, header = kind.read(path)
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    kind.write(path, arrays, **rest | changes)


def test_maps_of_other_weights_are_refused(copy):
    path = copy.folder / "maps" / FROZEN_FILE
    arrays, header = FROZEN.read(path)
    arrays["conv_stem.weight"][0] += 1e-6
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    FROZEN.write(path, arrays, **rest)
    expected = (
        r"maps: was made by a network with other weights than the trunk of .*vlp: 1 of \d+ tensors "
        r"differ \(conv_stem\.weight, …\).*`maps\.weights`"
    )
    with pytest.raises(InputError, match=expected):
        opened(copy)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer": 2}, r"maps: holds maps of layer 2, and the image tower of .*`maps\.layer` to l"),
        ({"preprocess": {"size": 32}}, r"maps: was made of pixels .*\(32, .*\(64, .*image_size`"),
        ({"preprocess": {"mean": [0.1] * 3}}, r"maps: was made of pixels .*\(0\.1, 0\.1, 0\.1\)"),
        ({"model_args": {"pad_type": "same"}}, "network of other arguments than the trunk of"),
    ],
)
def test_maps_that_another_tower_would_read_are_refused(copy, changes, message):
    path = copy.folder / "maps" / FROZEN_FILE
    _, header = FROZEN.read(path)
    if "preprocess" in changes:
        changes = {"preprocess": header["preprocess"] | changes["preprocess"]}
    rewritten(path, FROZEN, **changes)
    with pytest.raises(InputError, match=message):
        opened(copy)


def test_a_trunk_of_another_name_is_refused(copy):
    path = copy.folder / "vlp" / CONFIG_FILE
    config = read_json(path)
    config["model_cfg"]["vision_cfg"]["timm_model_name"] = "test_efficientnet_ln.r160_in1k"
    write_json(path, config)
    torch.manual_seed(0)
    model = open_clip.CLIP(**config["model_cfg"])
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    write_vlp(path.parent, arrays, config, open_clip.SimpleTokenizer(), [])
    with pytest.raises(
        InputError, match=r"made by 'test_efficientnet', and the trunk of .*vlp is 'test_effi"
    ):
        opened(copy)


def test_more_blocks_than_follow_the_maps_and_their_checkpoints_are_refused(project):
    with pytest.raises(InputError, match=r"trained_blocks` is 2, expected at most 1, the blocks"):
        project.run("mkt", "more", {"student": {"trained_blocks": 2}})
    with pytest.raises(
        InputError, match=r"student\.checkpointing` is true, and the run reads maps"
    ):
        project.run("mkt", "more", {"student": {"trained_blocks": 1, "checkpointing": True}})
