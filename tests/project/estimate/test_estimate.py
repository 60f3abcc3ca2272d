import json
from pathlib import Path

import pytest
import torch

from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.project.document import check_document
from pipeline_lib.project.estimate import cost as estimate
from pipeline_lib.project.estimate.cost import (
    LAST,
    SAMPLE,
    UP_TO_DATE,
    Estimate,
    Total,
    cost_of_all,
)
from pipeline_lib.project.estimate.extrapolate import Costs, Machine, extrapolated, line
from pipeline_lib.project.estimate.graph import stages_of
from pipeline_lib.project.estimate.measure import sizes
from pipeline_lib.project.estimate.sample import chosen, opened, write
from pipeline_lib.project.estimate.shrink import EPOCHS, epochs_of, seeds_of, shrunk
from pipeline_lib.project.estimate.stopwatch import Clock, Stopwatch, peak, resident
from pipeline_lib.project.estimate.words import duration, size, summary
from pipeline_lib.project.start.plan import Wishes
from pipeline_lib.project.start.prices import document_of, parted
from pipeline_lib.project.start.proposal import look
from tests.presets import PIXELS, default_document
from tests.project.start.kinds import folders, parquet


@pytest.fixture
def checkout(tmp_path, root):
    """What the probe reads of a checkout."""
    home = tmp_path / "checkout"
    (home / "data/artifacts").mkdir(parents=True)
    for name in ("dvc.yaml", "data/none"):
        (home / name).write_bytes((root / name).read_bytes())
    for folder in (root / "data/artifacts").iterdir():
        (home / "data/artifacts" / folder.name).mkdir()
    return home


def test_the_graph_is_that_of_dvc_yaml_in_an_order_that_can_run(root):
    document = default_document()
    found = stages_of(root / "dvc.yaml", document)
    names = [stage.name for stage in found]
    assert len(names) == 37
    made = set()
    for stage in found:
        made |= set(stage.outs)
        for dep in stage.deps:
            is_made = any(dep == out or out.startswith(f"{dep}/") for s in found for out in s.outs)
            assert not is_made or any(dep == o or o.startswith(f"{dep}/") for o in made), dep
    csrms = found[names.index("train@csrms")]
    assert (csrms.module, csrms.arguments[:3]) == ("stages.train", ("csrms", "--method", "csrms"))
    assert "data/artifacts/relations/classes/knowledge.safetensors" in csrms.deps
    assert not any("$" in word for stage in found for word in (*stage.arguments, *stage.outs))


def test_a_shrunk_document_is_sound_and_trains_two_epochs_of_one_seed(root):
    document = default_document()
    assert check_document(shrunk(document, root), Path("params.yaml")) == []
    document["maps"]["weights"] = "mine/weights.safetensors"
    document["maps"]["backbone"]["pretrained"] = True
    small = shrunk(document, root)
    assert small["maps"]["weights"] == str(root / "mine/weights.safetensors")
    assert not small["maps"]["backbone"]["pretrained"]
    for run in small["methods"]:
        assert epochs_of(small, "train", run) in (1, EPOCHS)
        assert seeds_of(small, "train", run) == 1
    assert epochs_of(document, "train", "base_images") == 48
    assert epochs_of(document, "baseline", "tags") == 20
    assert epochs_of(document, "vlp", "towers") == 20
    assert seeds_of(document, "train", "csrms") == 2
    assert (epochs_of(document, "train", "clip"), seeds_of(document, "maps", "tags")) == (1, 1)


def test_a_line_goes_through_both_points_and_never_falls():
    assert line((10, 20), (3.0, 5.0), 100) == pytest.approx(21.0)
    assert line((10, 20), (5.0, 3.0), 100) == pytest.approx(3.0)
    assert line((10, 20), (1.0, 5.0), 100) == pytest.approx(25.0)  # it would begin below nothing
    assert line((20, 20), (4.0, 4.0), 100) == pytest.approx(20.0)


def measured(**changes):
    row = {"images": 10, "train": 5, "seconds": 1.0, "loops": 0.0, "epoch": 0.2, "memory": 1,
           "written": 10, "parts": 0, "batch": 0}  # fmt: skip
    larger = {key: 2 * number for key, number in row.items()}
    stages = [{"stage": "train@base", **row}, {"stage": "train@base", **larger}]
    return {"stages": stages, "twins": {"train@base": ["train@base_images"]}, "together": 1.5,
            "started": 2.0, "base": 100, "labels": 0.0, "counts": {"train": 50, "test": 50},
            "stored": {}} | changes  # fmt: skip


def seconds(document, workers=1, cuda=False, **changes):
    found = extrapolated(measured(**changes), document, Machine(workers, cuda))
    return found["train@base"].seconds


def with_base(epochs, seeds):
    document = default_document()
    document["base"]["recipe"]["epochs"] = epochs
    document["base"]["seeds"] = list(range(seeds))
    return document


def test_time_is_that_of_all_epochs_and_seeds():
    # of 100 images: 0.06 s an image beside the epochs, an epoch 0.04 s a training image
    assert seconds(with_base(1, 1)) == pytest.approx(6 + 2)
    assert seconds(with_base(10, 1)) == pytest.approx(6 + 20)
    assert seconds(with_base(10, 3)) == pytest.approx(3 * 26)
    # two workers: two rounds, each 1.5 times as long, and processes to start
    assert seconds(with_base(10, 3), workers=2) == pytest.approx(2 * 26 * 1.5 + 2)
    assert seconds(with_base(10, 3), workers=2, cuda=True) == pytest.approx(3 * 26)


def test_more_images_take_more_of_everything():
    few = extrapolated(measured(), with_base(3, 1), Machine(1, False))["train@base"]
    counts = {"train": 500, "test": 500}
    many = extrapolated(measured(counts=counts), with_base(3, 1), Machine(1, False))["train@base"]
    assert many.seconds > few.seconds
    assert many.disk > few.disk
    assert many.memory > few.memory


def test_a_run_that_is_like_another_has_its_own_epochs():
    found = extrapolated(measured(), with_base(1, 1), Machine(1, False))
    assert found["train@base_images"].seconds > 5 * found["train@base"].seconds


def test_parts_of_a_loop_run_on_all_workers():
    row = {"images": 10, "train": 5, "seconds": 4.0, "loops": 4.0, "epoch": 0.0, "memory": 5,
           "written": 10, "parts": 10, "batch": 5}  # fmt: skip
    stages = [{"stage": "maps@tags", **{key: n * v for key, v in row.items()}} for n in (1, 2)]
    maps = {
        workers: extrapolated(measured(stages=stages), default_document(), Machine(workers, False))[
            "maps@tags"
        ]
        for workers in (1, 4)
    }
    assert maps[1].seconds == pytest.approx(40 * 1.5)
    assert maps[4].seconds == pytest.approx(10 * 1.5 + 2)
    assert maps[4].memory == 4 * maps[1].memory
    assert maps[1].disk == 2 * 100 + 100  # a copy in DVC's cache, and the parts


def test_cut_outs_are_encoded_on_all_workers_and_folds_train_again():
    document, row = default_document(), {
        "stage": "regions@classes", "images": 10, "train": 5, "seconds": 4.0, "loops": 4.0,
        "epoch": 0.0, "memory": 5, "written": 10, "parts": 10, "batch": 0,
    }  # fmt: skip
    double = {key: value if key == "stage" else 2 * value for key, value in row.items()}
    found = measured(stages=[row, double])

    def seconds_of_regions(workers: int) -> float:
        return extrapolated(found, document, Machine(workers, False))["regions@classes"].seconds

    assert seconds_of_regions(4) == seconds_of_regions(1) == pytest.approx(40)
    document["regions"]["source"] = PIXELS
    assert seconds_of_regions(1) == pytest.approx(40 * 1.5)
    assert seconds_of_regions(4) == pytest.approx(10 * 1.5 + 2)
    assert epochs_of(document, "regions", "classes") == PIXELS["recipe"]["epochs"]
    document["csnet"]["folds"] = 4
    assert epochs_of(document, "csnet", "classes") == 4 * 20  # 4 of 3/4 of the images, 1 of all
    assert epochs_of(document, "regions", "classes") == 4 * PIXELS["recipe"]["epochs"]
    assert shrunk(document, Path())["csnet"]["folds"] == 0
    document["regions"]["source"] = {"name": "maps"}
    assert epochs_of(document, "regions", "classes") == 1  # it trains nothing


def test_an_encoder_encodes_three_whole_batches_first_and_fills_the_last():
    # 0.1 s an image: 3 batches of 4, and 12 images in 3; 3 of 8, and 24 in 3
    rows = [
        {"stage": "maps@tags", "images": images, "train": 5, "batch": batch, "epoch": 0.0,
         "loops": 0.1 * encoded, "seconds": 0.1 * (3 * batch + encoded), "memory": 1000 + batch,
         "written": 0, "parts": 0}
        for images, batch, encoded in ((10, 4, 12), (23, 8, 24))
    ]  # fmt: skip
    document = default_document()
    document["maps"]["batch_size"] = 64
    found = extrapolated(measured(stages=rows, together=1.0), document, Machine(1, False))
    assert found["maps@tags"].seconds == pytest.approx(0.1 * (3 * 64 + 100))
    assert found["maps@tags"].memory == 100 + 1000 + 64


def test_epochs_are_told_from_other_loops():
    watch = Stopwatch(Clock)
    positions = torch.arange(2)
    steps = [(epoch, step, positions) for epoch in (0, 1) for step in (0, 1)]
    assert list(watch(steps, label="a", total=4)) == steps
    assert list(watch([1, 2], label="b", total=2)) == [1, 2]
    assert watch.epochs["a"].keys() == {0, 1}
    assert watch.epoch == watch.epochs["a"][1]
    assert (peak() >= resident() > 0) or peak() > 0


def test_samples_are_no_larger_than_the_data_set():
    assert sizes(10_000) == (32, 80)
    assert sizes(40) == (20, 40)
    assert sizes(6) == (6, 6)


@pytest.fixture
def small(tmp_path):
    return parquet(tmp_path / "small")


def test_a_sample_is_a_data_set_with_all_splits_and_names(small, root, tmp_path):
    document = document_of(look(root / "presets", str(small)), Wishes(), root / "presets")
    section = document["dataset"] | {"path": str(small)}
    found = opened(Dataset.model_validate(section))
    some = chosen(found, 8)
    assert some.splits.count("train") == 8
    assert set(some.splits) == set(found.counts)
    assert write(found, some, tmp_path / "out") == len(some.items)
    table = read_labelled(tmp_path / "out/samples.parquet", tmp_path / "out/categories.parquet")
    assert len(table) == len(some.items)
    assert table.class_names == ["k0", "k1"]


def test_settings_of_tags_that_a_data_set_lacks_are_refused_before_anything_is_measured(
    tmp_path, root
):
    data = tmp_path / "untagged"
    folders(data)
    section = document_of(look(root / "presets", str(data)), Wishes(), root / "presets")["dataset"]
    drawn = {"name": "share", "share": 0.2, "seed": 0}
    section |= {"path": str(data), "unseen": section["unseen"] | {"by": drawn}}
    with pytest.raises(InputError, match=r"dataset.unseen.by: the data set has no tags"):
        opened(Dataset.model_validate(section))


def test_the_probe_measures_every_stage_of_a_plan_once_and_is_kept(small, root, checkout):
    document = document_of(look(root / "presets", str(small)), Wishes(), root / "presets")
    document["evaluation"] |= {"embedding": "pca", "draws": 100}  # of which more are only slower
    found = cost_of_all(checkout, document, small)
    assert [s.stage for s in found.stages] == ["ingest", "train@base", "evaluate@base", "report"]
    for stage in found.stages:
        assert stage.source == SAMPLE
        assert stage.seconds > 0
        assert stage.costs.disk > 0
        assert stage.costs.memory > 2**20
    assert found.probe > 0
    document["base"]["recipe"]["epochs"] *= 10
    again = cost_of_all(checkout, document, small)
    assert again.probe == 0
    assert again.seconds > found.seconds
    assert any("together about" in text for text in summary(again))


def test_what_an_offer_costs_is_what_no_other_run_needs(small, root, checkout):
    presets = root / "presets"
    found = look(presets, str(small))
    document = document_of(found, Wishes(extra=("csrms",)), presets)
    every = [stage.name for stage in stages_of(checkout / "dvc.yaml", document)]
    whole = Total([Estimate(name, 60.0, None, SAMPLE) for name in every], 9.0, start=1.0)
    priced = parted(whole, found, Wishes(), checkout, presets)
    own = ["code", "listing", "ingest", "train@base", "evaluate@base", "report"]
    assert [stage.stage for stage in priced.plan.stages] == own
    assert (priced.plan.probe, priced.plan.start) == (9.0, 1.0)
    assert priced.offers == {
        "csrms": "7 min"
    }  # baseline, features, clusters, relations, quality, its two
    unknown = Total([Estimate(name, None, None, "no") for name in every], 9.0)
    assert parted(unknown, found, Wishes(), checkout, presets).offers == {"csrms": "not known"}


def test_data_that_are_not_here_cannot_be_measured(checkout):
    with pytest.raises(InputError, match=r"nowhere' is not on this machine"):
        cost_of_all(checkout, default_document(), checkout / "nowhere")


def test_what_is_up_to_date_costs_nothing_and_what_ran_as_it_would_takes_as_long(
    checkout, monkeypatch
):
    document = default_document()
    held = {"csrms": document["csrms"]}
    lock = {"stages": {"train@csrms": {"params": {"params.yaml": held}}}}
    (checkout / "dvc.lock").write_text(json.dumps(lock))
    assert estimate._is_as_before(checkout, "train@csrms", document)
    document["csrms"]["n_neighbours"] += 1
    assert not estimate._is_as_before(checkout, "train@csrms", document)
    assert not estimate._is_as_before(checkout, "train@base", document)
    costs = {"train@base": Costs(5.0, 1, 1)}
    known = [
        estimate._estimate(name, {"train@csrms", "train@base", "report"}, {"train@csrms": 7.0},
                           costs, {})
        for name in ("ingest", "train@csrms", "train@base", "report")
    ]  # fmt: skip
    assert [(e.seconds, e.source) for e in known[:3]] == [
        (0.0, UP_TO_DATE),
        (7.0, LAST),
        (5.0, SAMPLE),
    ]
    assert known[3].seconds is None
    total = Total(known, 0.0, start=1.5)
    assert (total.seconds, total.disk) == (12.0 + 3 * 1.5, 1)
    assert "without report" in "\n".join(summary(total))


def test_durations_and_sizes_are_said_in_units_of_their_size():
    assert [duration(s) for s in (5, 600, 9000)] == ["5 s", "10 min", "2.5 h"]
    assert [size(n) for n in (2**20, 2**31)] == ["1 MiB", "2.0 GiB"]
