"""Regions cut out of pictures: what describes them, what names them, and what is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import timm
import torch
from ruamel.yaml import YAML

from pipeline_lib.artifacts.made import FROZEN_FILE
from pipeline_lib.artifacts.regions import CSNET, HEAD_FILE, TAG_HEAD
from pipeline_lib.artifacts.samples import IMAGES
from pipeline_lib.artifacts.shards import REGIONS, Reader
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.frozen import Frozen, write_frozen
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.window import windows
from pipeline_lib.evaluation.localisation import hull
from pipeline_lib.params.maps import Maps
from pipeline_lib.progress import silent
from pipeline_lib.steps.csnet import header
from pipeline_lib.steps.regions import cutting, pixels
from pipeline_lib.steps.regions.cutting import encode_cuts
from pipeline_lib.steps.regions.finder import Finder
from pipeline_lib.steps.regions.pixels import PixelFinder
from stages import regions as stage
from tests.presets import PIXELS
from tests.steps.planted import REGIONS_SECTION, TAGS, Planted, contents, csnet, planted, regions

HALF = (0.5, 0.5, 0.5)
SEEN = Preprocess(48, HALF, HALF, "bicubic", 1.0, "squash")
WIDTH, HEIGHT = 60, 40
MAPS = {
    "backbone": {"model": "test_resnet", "pretrained": False, "image_size": 48, "output_stride": 0},
    "weights": "data/none", "layer": 3, "batch_size": 8, "precision": "float32",
}  # fmt: skip
COLOURS = np.random.default_rng(5).integers(0, 256, (TAGS, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Pictured(Planted):
    """Planted maps, and pictures that show each object as a block of its tag's colour."""

    @property
    def images(self) -> Path:
        return self.folder / "images.safetensors"

    @property
    def pictures(self) -> np.ndarray:
        return IMAGES.read(self.images)[0]["pixels"]

    @property
    def encode(self) -> Frozen:
        return Frozen.read(self.maps / FROZEN_FILE, "cpu")

    def run(self, name: str, parts: str = "parts", **changes: Any) -> Reader:
        params = self.folder / f"{name}.yaml"
        section = REGIONS_SECTION | {"source": PIXELS} | changes
        with params.open("w") as file:
            YAML(typ="safe").dump({"regions": section}, file)
        tables = {n: self.folder / f"{n}.parquet" for n in ("samples", "categories")}
        stage.main(
            "classes", **tables, images=self.images, maps=self.maps, csnet=self.folder,
            parts=self.folder / parts, out=self.folder / name, params=params,
        )  # fmt: skip
        return REGIONS.open(self.folder / name, self.ids)


def pictured(folder: Path) -> Pictured:
    found = Pictured(planted(folder).folder)
    pictures = np.full((len(found.ids), HEIGHT, WIDTH, 3), 90, np.uint8)
    maps = found.material().reader.whole("maps")
    for row, tags in enumerate(found.table.samples["tags"]):
        for tag in tags:
            lit = np.argwhere(maps[row, tag] > 1)
            (top, left), (bottom, right) = lit.min(0), lit.max(0) + 1
            y, x = HEIGHT / maps.shape[2], WIDTH / maps.shape[3]
            down, along = np.rint([[top * y, bottom * y], [left * x, right * x]]).astype(int)
            pictures[row, slice(*down), slice(*along)] = COLOURS[tag]
    IMAGES.write(found.images, {"pixels": pictures}, storage="pixels")
    torch.manual_seed(0)
    model = timm.create_model("test_resnet", num_classes=0)
    frozen = Frozen(FeatureMap(model, 3), SEEN, 8, "float32", "cpu")
    write_frozen(found.maps / FROZEN_FILE, Maps.model_validate(MAPS), frozen, {})
    CSNET.write(
        folder / "network.safetensors", found.network(), **header(found.material(), csnet())
    )
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")
        patch.setattr(cutting, "CUTS_PER_PART", 16)
        found = pictured(tmp_path_factory.mktemp("pictured"))
        found.run("one", lattice=True)
        yield found


def test_a_descriptor_is_the_encoding_of_the_cut_out_itself(files):
    reader = REGIONS.open(files.folder / "one", files.ids)
    theta, found = reader.whole("theta"), reader.whole("descriptors")
    boxes = hull(theta, windows(files.maps, files.samples)).clip(-0.5, 1.5)
    whole = Preprocess(PIXELS["image_size"], HALF, HALF, "bicubic", 1.0, "squash")
    inner = 0
    for row, picture in enumerate(files.pictures):
        for region, box in enumerate(boxes[row]):
            left, top, right, bottom = np.rint(box * [WIDTH, HEIGHT, WIDTH, HEIGHT]).astype(int)
            if left < 0 or top < 0 or right > WIDTH or bottom > HEIGHT or left == right:
                continue
            shown = picture[top : max(bottom, top + 1), left:right]
            with torch.no_grad():
                maps, _ = files.encode.model(whole.normalise(whole.geometry([shown])))
            expected = maps.mean((2, 3))[0]
            np.testing.assert_allclose(found[row, region], expected, atol=5e-3, rtol=5e-3)
            inner += 1
    assert inner > 10


def test_places_are_those_of_maps(files):
    files.locate("on-maps")
    on_maps = REGIONS.open(files.folder / "on-maps", files.ids)
    ours = REGIONS.open(files.folder / "one", files.ids)
    assert np.array_equal(on_maps.whole("theta"), ours.whole("theta"))
    assert np.array_equal(on_maps.whole("pooled"), ours.whole("pooled"))
    assert on_maps.shapes["descriptors"] != ours.shapes["descriptors"]


def test_the_window_that_maps_were_made_of_is_minded(files):
    theta = np.tile(np.array([[0.5, 0, 0.5], [0, 1, 0]], np.float32), (1, 1, 1, 1))
    inner = np.array([[0.25, 0.0, 0.75, 1.0]])  # the network saw the middle half
    boxes = cutting.boxes_in(theta, inner, np.array([[80, 40]]))
    assert boxes.tolist() == [[[40, 0, 60, 40]]]


def test_a_head_of_training_images_names_what_a_cut_out_shows(tmp_path, monkeypatch):
    """Boxes that lie on the objects: each is named by the tag whose colour it shows."""
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")
    files = pictured(tmp_path)
    material = files.material()
    maps = material.reader.whole("maps")
    theta = np.tile(np.array([[0.3, 0, 0], [0, 0.3, 0]], np.float32), (len(files.ids), TAGS, 1, 1))
    shown = np.full((len(files.ids), TAGS), -1)
    for row, tags in enumerate(files.table.samples["tags"]):
        for place, tag in enumerate(tags):
            lit = (np.argwhere(maps[row, tag] > 1).mean(0) + 0.5) * 2 / maps.shape[2] - 1
            theta[row, place, :, 2], shown[row, place] = lit[::-1], tag
    found = iter(torch.split(torch.from_numpy(theta), 64))
    looked = [(None, replace_theta(own)) for own in found]
    monkeypatch.setattr(pixels, "look_at_all", lambda *_, **__: looked)
    many = PIXELS | {"recipe": PIXELS["recipe"] | {"epochs": 60}}
    reader = files.run("ideal", source=many)
    tags, assigned = reader.whole("tags").argmax(2), reader.whole("assigned")
    train = files.table.in_training
    assert (assigned[train] == shown[train])[shown[train] >= 0].mean() > 0.9
    held_out = (shown >= 0) & ~train[:, None]
    assert held_out.sum() > 10
    assert (tags == shown)[held_out].mean() > 0.6  # chance is 0.2


def replace_theta(theta: torch.Tensor) -> Any:
    return type("Found", (), {"theta": theta})()


def test_new_pictures_get_the_regions_of_the_data_set(files):
    reader = REGIONS.open(files.folder / "one", files.ids)
    finder = replace(files.finder(), lattice=tuple(reader.header["lattice"]))
    find = PixelFinder.read(finder, files.encode, files.folder / "one" / HEAD_FILE)
    rows = files.table.rows("test")
    maps = torch.from_numpy(files.material().reader.rows(rows, "maps"))
    found = find(maps, list(files.pictures[rows])).stored
    for name in ("theta", "descriptors", "tags", "lattice", "lattice_tags"):
        np.testing.assert_array_equal(found[name], reader.rows(rows, name), err_msg=name)


def test_the_head_says_how_cut_outs_are_encoded(files):
    arrays, about = TAG_HEAD.read(files.folder / "one" / HEAD_FILE)
    assert (about["image_size"], about["batch_size"]) == (PIXELS["image_size"], 8)
    assert about["recipe"]["epochs"] == PIXELS["recipe"]["epochs"]
    assert arrays["tags.weight"].shape[0] == TAGS
    made = REGIONS.open(files.folder / "one", files.ids).header["made"]
    assert [step["stage"] for step in made] == ["csnet", "regions"]


def test_training_cut_outs_are_counted_once_each(files):
    reader = REGIONS.open(files.folder / "one", files.ids)
    seen, size = windows(files.maps, files.samples), np.tile([WIDTH, HEIGHT], (len(files.ids), 1))
    boxes = cutting.boxes_in(reader.whole("theta"), seen, size)
    fixed = Finder.fixed(replace(files.finder(), lattice=tuple(reader.header["lattice"])), 1)
    lattice = cutting.boxes_in(fixed.numpy().repeat(len(files.ids), 0), seen, size)
    every = np.concatenate([boxes, lattice], 1)[files.table.train].tolist()
    distinct = {(row, *box) for row, own in enumerate(every) for box in own}
    assert reader.header["encoded"]["regions"] == len(distinct)


def test_a_killed_stage_goes_on_and_gives_the_same_bytes(files, monkeypatch):
    whole = contents(files.folder / "one")
    encode, done = cutting._encode, []

    def stopping(*arguments: Any) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(len(arguments[-1]))
        encode(*arguments)

    monkeypatch.setattr(cutting, "_encode", stopping)
    with pytest.raises(KeyboardInterrupt):
        files.run("two", "killed", lattice=True)
    counted: list[int] = []
    monkeypatch.setattr(cutting, "_encode", lambda *a: counted.append(len(a[-1])) or encode(*a))
    files.run("two", "killed", lattice=True)
    assert done == [16, 16, 16]
    kept = len(list((files.folder / "killed").rglob("*.safetensors")))
    assert kept == len(counted) + 3
    ours = {n: b.replace(b"/two/", b"/one/") for n, b in contents(files.folder / "two").items()}
    assert ours == whole


def test_one_more_image_costs_its_own_cut_outs(files, tmp_path):
    samples, pictures = files.samples, files.pictures
    more = np.concatenate([pictures, pictures[:1] // 2])
    IMAGES.write(tmp_path / "images", {"pixels": more}, storage="pixels")
    table = samples.vstack(samples[-1:].with_columns(sha256=pl.lit("f" * 64)))
    boxes = np.tile([3, 4, 20, 30], (len(more), 2, 1))
    boxes[:, 1] += 1
    images = Images(tmp_path / "images", table)
    old = Images(files.images, samples)
    encode = cutting.cutter(files.maps / FROZEN_FILE, 16, samples, old, device="cpu")
    first = encode_cuts(encode, boxes[:-1], samples, old, tmp_path / "parts", track=silent)
    again = encode_cuts(encode, boxes, table, images, tmp_path / "parts", track=silent)
    assert (first.new, again.new) == (2 * len(samples), 2)
    rows = np.arange(len(samples))
    assert torch.equal(first.rows(rows), again.rows(rows))


def test_workers_change_no_byte(files, monkeypatch):
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "2")
    files.run("six", "others", lattice=True)
    ours = {n: b.replace(b"/six/", b"/one/") for n, b in contents(files.folder / "six").items()}
    assert ours == contents(files.folder / "one")


def test_states_of_pixels_are_refused():
    with pytest.raises(ValueError, match=r"descriptor is 'state'.*read only where source is maps"):
        regions(source=PIXELS, descriptor="state")
