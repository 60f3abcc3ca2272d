"""Training CSNet from cached maps, and finding the regions of every image."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.exemplars.assignment import hungarian
from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.progress import silent
from pipeline_lib.steps.csnet import fit_csnet, forget, header, read_material
from pipeline_lib.steps.regions import find
from pipeline_lib.steps.regions.find import find_regions
from pipeline_lib.steps.train.settings import spelt
from tests.steps.planted import CLASSES, DIMS, TAGS, Planted, contents, csnet, planted

FEW = {"recipe": {"epochs": 3, "batch_size": 5, "optimizer": "adamw", "lr": 0.01}}
STEPS = 4  # of an epoch


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return planted(tmp_path_factory.mktemp("planted"))


def stopping_after(steps: int) -> Any:
    def track(items: Any, *, label: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == steps:
                raise KeyboardInterrupt
            yield item

    return track


def fitted(files: Planted, checkpoints: Any, track: Any = silent, **changes: Any) -> Any:
    return fit_csnet(
        files.material(), csnet(**FEW | changes), checkpoints, device="cpu", track=track
    )


def test_training_from_maps_lowers_the_loss(files, tmp_path):
    recipe = FEW["recipe"] | {"epochs": 15, "batch_size": 20, "lr": 0.03}
    weights, history = fitted(files, tmp_path, recipe=recipe)
    assert len(history) == 15
    assert history[-1]["tags"] < history[0]["tags"] - 0.3
    net = CSNet(csnet(), dims=DIMS, tags=TAGS, classes=CLASSES)
    net.load_state_dict(weights)
    assert net.standardise.num_batches_tracked == 15


def test_a_killed_training_goes_on_and_gives_the_same_weights(files, tmp_path):
    expected, records = fitted(files, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fitted(files, tmp_path / "killed", stopping_after(2 * STEPS + 1))
    steps = []

    def counting(items: Any, *, label: str, total: int) -> Iterator[Any]:
        steps.append((label, total))
        yield from items

    weights, history = fitted(files, tmp_path / "killed", counting)
    assert steps == [("csnet", STEPS)]
    assert history == records
    for name, value in expected.items():
        assert torch.equal(weights[name], value), name
    forget(files.material(), csnet(**FEW), tmp_path / "killed", device="cpu")
    assert list((tmp_path / "killed").iterdir()) == []


def test_another_split_of_the_same_images_does_not_go_on_from_old_weights(files, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fitted(files, tmp_path, stopping_after(STEPS + 1))
    moved = files.samples.with_columns(
        split=pl.when(pl.col("sample_id") == "train-00").then(pl.lit("val")).otherwise("split")
    )
    material = read_material(files.maps, replace(files.table, samples=moved), "classes")
    seen = []

    def counting(items: Any, *, label: str, total: int) -> Iterator[Any]:
        seen.append(total)
        yield from items

    fit_csnet(material, csnet(**FEW), tmp_path, device="cpu", track=counting)
    assert seen == [3 * STEPS]


def test_a_training_that_diverges_is_named(files, tmp_path):
    recipe = FEW["recipe"] | {"optimizer": "sgd", "lr": 1e30}
    with pytest.raises(
        InputError, match=r"the loss is (nan|inf) after epoch 1.*lower `recipe\.optimizer\.lr`"
    ):
        fitted(files, tmp_path, recipe=recipe)


def test_maps_of_too_few_cells_are_refused(files, tmp_path):
    expected = r"maps of 6 x 6 cells, expected at least 8 x 8 to find regions in \(csnet\.min_grid"
    with pytest.raises(InputError, match=expected):
        fitted(files, tmp_path, min_grid=8)


def test_a_data_set_without_tags_is_refused(tmp_path):
    bare = planted(tmp_path / "bare", tags=False)
    with pytest.raises(InputError, match="the data set has no tags, expected some to predict"):
        bare.material()


def test_training_images_without_tags_are_refused(files, tmp_path):
    samples = files.samples.with_columns(
        tags=pl.when(pl.col("split") == "train")
        .then(pl.lit([], pl.List(pl.Int32)))
        .otherwise("tags")
    )
    material = read_material(files.maps, replace(files.table, samples=samples), "classes")
    expected = r"no training image carries a tag, expected some for CSNet to find; choose a data"
    with pytest.raises(InputError, match=expected):
        fit_csnet(material, csnet(), tmp_path, device="cpu", track=silent)


def test_classes_are_read_only_where_they_are_the_target(files):
    shapes = {"dims": DIMS, "tags": TAGS, "classes": CLASSES}
    assert header(files.material(), csnet()) == shapes | {"settings": spelt(csnet())}
    assert header(files.material("tags"), csnet())["classes"] == 0


@pytest.mark.parametrize("descriptor", ["state", "pooled"])
def test_regions_are_those_of_the_network(files, descriptor, monkeypatch):
    monkeypatch.setattr(find, "BATCH", 7)
    files.locate(descriptor, descriptor=descriptor)
    reader = REGIONS.open(files.folder / descriptor, files.ids)
    material = files.material()
    net = CSNet(csnet(), dims=DIMS, tags=TAGS, classes=CLASSES)
    net.load_state_dict({n: torch.from_numpy(a) for n, a in files.network().items()})
    maps = torch.from_numpy(material.reader.whole("maps")).float()
    with torch.no_grad():
        found = net.eval()(maps)
    kept = found.states if descriptor == "state" else found.pooled
    for name, expected in (("theta", found.theta), ("descriptors", kept), ("tags", found.tags)):
        np.testing.assert_allclose(reader.whole(name), expected, atol=2e-3, rtol=2e-3)
    np.testing.assert_array_equal(reader.whole("pooled"), material.reader.whole("pooled"))
    train = (files.samples["split"] == "train").to_numpy()
    assigned = reader.whole("assigned")
    expected = hungarian(found.tags.log_softmax(2), torch.from_numpy(material.tags))
    np.testing.assert_array_equal(assigned[train], expected.numpy()[train])
    assert (assigned[~train] == -1).all()


def test_regions_have_the_same_bytes_twice(files, monkeypatch):
    files.locate("one")
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "2")
    files.locate("two")
    assert contents(files.folder / "one") == contents(files.folder / "two")


def test_regions_of_an_image_do_not_depend_on_its_labels(files):
    blind = files.samples.with_columns(tags=pl.lit([], pl.List(pl.Int32)))
    SAMPLES.check(blind, files.folder)
    material = read_material(files.maps, replace(files.table, samples=blind), "classes")
    found = find_regions(material, files.finder(), track=silent)
    files.locate("seen")
    reader = REGIONS.open(files.folder / "seen", files.ids)
    (chunk,) = found
    for name in ("theta", "descriptors", "tags"):
        np.testing.assert_array_equal(chunk[name], reader.whole(name))
    assert (chunk["assigned"] == -1).all()
