"""Training CSNet from cached maps, and finding the regions of every image."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.artifacts.regions import CSNET
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.exemplars.assignment import hungarian
from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.progress import silent
from pipeline_lib.steps.csnet import (
    dealt,
    fit_csnet,
    fit_folds,
    forget,
    header,
    read_material,
)
from pipeline_lib.steps.regions import find, finder
from pipeline_lib.steps.regions.find import find_regions, folds_of
from pipeline_lib.steps.regions.finder import Finder
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


def crossed(files: Planted, folder: Path, track: Any = silent, **changes: Any) -> Path:
    """Write what the stage does with two folds, and return the file."""
    params = csnet(**FEW | {"folds": 2} | changes)
    arguments = (files.material(), params, folder / "kept")
    weights, _ = fit_csnet(*arguments, device="cpu", track=track)
    arrays = {name: value.numpy() for name, value in weights.items()}
    arrays |= fit_folds(*arguments, device="cpu", track=track)
    CSNET.write(folder / "network.safetensors", arrays, **header(files.material(), params))
    return folder / "network.safetensors"


def test_folds_are_dealt_evenly_by_the_lot_of_the_seed():
    fold = dealt(23, 5, 0)
    assert sorted(np.bincount(fold)) == [4, 4, 5, 5, 5]
    assert np.array_equal(fold, dealt(23, 5, 0))
    assert not np.array_equal(fold, dealt(23, 5, 1))


def test_a_training_image_gets_the_regions_of_a_network_that_never_saw_it(files, tmp_path):
    path, table = crossed(files, tmp_path), files.table
    network = Finder.read(path, "pooled", "cpu")
    fold = folds_of(path, table.train, len(table))
    assert (fold[~table.in_training] == -1).all()
    material = files.material()
    (found,) = find_regions(material, network, fold, track=silent)
    maps = torch.from_numpy(material.reader.whole("maps"))
    plain = network(maps).stored
    for number in (0, 1):
        moved = files.samples.with_columns(  # the fold is no training image any more
            split=pl.when(pl.Series(fold == number)).then(pl.lit("left out")).otherwise("split")
        )
        without = replace(material, table=replace(files.table, samples=moved))
        weights, _ = fit_csnet(without, csnet(**FEW), tmp_path / "x", device="cpu", track=silent)
        arrays = {name: value.numpy() for name, value in weights.items()}
        alone = Finder.of(arrays, header(without, csnet(**FEW)), "pooled", "cpu")
        expected, own = alone(maps).stored, fold == number
        for name in ("theta", "tags"):
            assert np.array_equal(found[name][own], expected[name][own]), name
            assert not np.array_equal(found[name][own], plain[name][own]), name
        boxes = torch.from_numpy(found["theta"][own])
        described = network.net(maps[own].float(), boxes).pooled
        np.testing.assert_allclose(found["descriptors"][own], described, atol=2e-3, rtol=2e-3)
    for name, values in plain.items():  # other images: of the network of all
        assert np.array_equal(found[name][fold == -1], values[fold == -1]), name


def test_the_network_of_all_is_the_same_with_folds_and_without(files, tmp_path):
    arrays, _ = CSNET.read(crossed(files, tmp_path / "two"))
    plain, _ = CSNET.read(crossed(files, tmp_path / "none", folds=0))
    assert all(np.array_equal(arrays[name], value) for name, value in plain.items())
    more = arrays.keys() - plain.keys()
    assert more == {"fold"} | {f"folds/{k}/{name}" for k in (0, 1) for name in plain}


def test_a_killed_training_of_folds_goes_on(files, tmp_path):
    whole = crossed(files, tmp_path / "whole").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        crossed(files, tmp_path / "killed", stopping_in("csnet: without fold 2"))
    labels: list[str] = []

    def counting(items: Any, *, label: str, total: int) -> Iterator[Any]:
        for item in items:
            labels.append(label)
            yield item

    assert crossed(files, tmp_path / "killed", counting).read_bytes() == whole
    assert set(labels) == {"csnet: without fold 2"}
    params = csnet(**FEW | {"folds": 2})
    forget(files.material(), params, tmp_path / "killed/kept", device="cpu")
    assert list((tmp_path / "killed/kept").iterdir()) == []


def stopping_in(label: str) -> Any:
    def track(items: Any, **about: Any) -> Iterator[Any]:
        if about["label"] == label:
            raise KeyboardInterrupt
        yield from items

    return track


def test_beliefs_of_training_images_come_near_to_those_of_others(files, tmp_path):
    """What a network knows by heart is surer than what it finds; cross-fitted it is not."""
    sure = {"tags_from": "state", "recipe": FEW["recipe"] | {"epochs": 40, "lr": 0.05}}
    gaps = []
    for folds in (0, 2):
        path = crossed(files, tmp_path / str(folds), folds=folds, **sure)
        finder, table = Finder.read(path, "pooled", "cpu"), files.table
        fold = folds_of(path, table.train, len(table))
        (found,) = find_regions(files.material(), finder, fold, track=silent)
        beliefs = torch.from_numpy(found["tags"]).float().softmax(2).amax(1)
        carried = torch.from_numpy(files.material().tags > 0)
        right = [
            float((beliefs[rows] * carried[rows]).sum() / carried[rows].sum())
            for rows in (table.train, np.flatnonzero(~table.in_training))
        ]
        gaps.append(right[0] - right[1])
    assert gaps[0] > 0.1
    assert abs(gaps[1]) < gaps[0] / 2


def test_states_of_several_networks_are_refused(files, tmp_path):
    path = crossed(files, tmp_path)
    with pytest.raises(InputError, match=r"descriptor is state, and csnet\.folds 2: .* set the"):
        Finder.read(path, "state", "cpu")


def test_more_folds_than_pairs_of_images_are_refused(files, tmp_path):
    with pytest.raises(InputError, match=r"csnet\.folds is 11, expected at most 10, two imag"):
        crossed(files, tmp_path, folds=11)


@pytest.mark.parametrize("descriptor", ["state", "pooled"])
def test_regions_are_those_of_the_network(files, descriptor, monkeypatch):
    for module in (find, finder):
        monkeypatch.setattr(module, "BATCH", 7)
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
    found = find_regions(material, files.finder(), files.no_folds, track=silent)
    files.locate("seen")
    reader = REGIONS.open(files.folder / "seen", files.ids)
    (chunk,) = found
    for name in ("theta", "descriptors", "tags"):
        np.testing.assert_array_equal(chunk[name], reader.whole(name))
    assert (chunk["assigned"] == -1).all()
