import shutil
from dataclasses import replace

import numpy as np
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.datasets.decoding import Failure
from pipeline_lib.errors import InputError
from pipeline_lib.project.document import check_document
from pipeline_lib.project.presets import parse_change, text_of
from pipeline_lib.project.start import weights
from pipeline_lib.project.start.plan import PHOTOS, SMALL, Wishes, plan
from pipeline_lib.project.start.proposal import look, placed, settled
from pipeline_lib.project.start.survey import described, evenly
from tests.project.start.kinds import captioned, coco, folders, parquet, picture, tagged

PRETRAINED = Wishes(online=True)


@pytest.fixture
def presets(root):
    return root / "presets"


@pytest.fixture(autouse=True)
def _no_weights(monkeypatch):
    """Whoever runs the tests may have some."""
    monkeypatch.setattr("pipeline_lib.project.start.proposal.cached", lambda model: None)


def document_of(found, wishes, presets, tmp_path):
    text = plan(found, wishes).text(presets, tmp_path / "params.yaml", path="data/raw/images")
    document = YAML(typ="safe").load(text)
    assert check_document(document, tmp_path / "params.yaml") == []
    return document


def test_photographs_with_tags_get_a_frozen_backbone_for_classes_and_for_tags(tmp_path, presets):
    found = look(presets, str(tagged(tmp_path / "photos")))
    assert (found.format, found.side, found.uniform) == ("image_folder", 112, True)
    assert sum(found.counts.values()) == 24
    document = document_of(found, PRETRAINED, presets, tmp_path)
    assert list(document["methods"]) == ["base_maps", "base_tags"]
    assert document["maps"]["backbone"]["pretrained"]
    assert document["shared"]["maps"] == ["tags"]


def test_photographs_without_tags_get_one_for_classes(tmp_path, presets):
    folders(tmp_path / "photos")
    found = look(presets, str(tmp_path / "photos"))
    assert list(document_of(found, PRETRAINED, presets, tmp_path)["methods"]) == ["base_maps"]


@pytest.mark.parametrize("wishes", [PRETRAINED, Wishes()], ids=["pretrained", "from scratch"])
def test_all_offers_together_give_a_sound_params_yaml(wishes, tmp_path, presets):
    found = look(presets, str(captioned(tmp_path / "photos")))
    offers = [offer.run for offer in plan(found, wishes).offers]
    assert set(offers) >= {"csrms", "c2srt", "sigrl"}
    assert ({"vscnet", "dlsa"} <= set(offers)) == wishes.online
    chosen = replace(wishes, extra=tuple(offers))
    document = document_of(found, chosen, presets, tmp_path)
    assert set(offers) <= document["methods"].keys()
    assert plan(found, chosen).offers == ()


def test_an_offer_that_trains_from_scratch_is_not_given_the_weights_of_the_frozen_backbone(
    tmp_path, presets
):
    found = look(presets, str(tagged(tmp_path / "photos")))
    wishes = Wishes(weights="w.safetensors", extra=("csrms",))
    document = document_of(found, wishes, presets, tmp_path)
    assert document["maps"]["weights"] == "w.safetensors"
    assert document["baseline"]["classes"]["backbone"]["model"] == "lenet5"
    assert document["baseline"]["weights"] == "data/none"


def test_photographs_without_weights_are_learnt_from_scratch_and_the_price_is_said(
    tmp_path, presets
):
    found = look(presets, str(tagged(tmp_path / "photos")))
    wishes, remarks = settled(found, Wishes(), "photos")
    proposed = plan(found, wishes)
    assert proposed.preset == SMALL
    assert "35.0 %" in proposed.why[0]
    assert any("protoweave start photos --online" in line for line in remarks)
    assert any("timm/mobilenetv2_100.ra_in1k model.safetensors" in line for line in remarks)
    document = document_of(found, wishes, presets, tmp_path)
    assert {run["target"] for run in document["methods"].values()} == {"classes", "tags"}
    assert document["base"]["backbone"]["image_size"] == 64


def test_the_prices_that_are_quoted_stand_in_the_readme(root):
    text = " ".join((root / "README.md").read_text().split())
    for figure in ("70.0 %", "35.0 %", "1,512", "18.5 points", "+0.1", "5.0 (4.1 to 6.0)", "+4.8",
                   "+6.6", "+2.2"):  # fmt: skip
        assert figure in text, figure


def test_weights_that_are_on_this_machine_are_taken(tmp_path, presets, monkeypatch):
    monkeypatch.setattr("pipeline_lib.project.start.proposal.cached", lambda model: tmp_path)
    found = look(presets, str(tagged(tmp_path / "photos")))
    wishes, remarks = settled(found, Wishes(), "photos")
    assert wishes.online
    assert str(tmp_path) in remarks[0]


def test_small_pictures_are_learnt_from_scratch_at_their_own_size(tmp_path, presets):
    found = look(presets, str(parquet(tmp_path / "small")))
    document = document_of(found, Wishes(), presets, tmp_path)
    assert document["dataset"]["format"] == "parquet"
    assert document["base"]["backbone"]["image_size"] == 32
    assert list(document["methods"]) == ["base"]
    assert list(document["disabled"]) == ["csrms"]


def test_coco_is_tested_on_its_val_split_and_has_tags_alone(tmp_path, presets):
    found = look(presets, str(coco(tmp_path / "coco")))
    assert found.boxes == 24
    assert found.counts["test"] == 12
    document = document_of(found, PRETRAINED, presets, tmp_path)
    assert list(document["methods"]) == ["base_tags"]


def test_a_shipped_val_split_is_tested_on_where_no_test_split_is_shipped(tmp_path, presets):
    for part in ("train", "val"):
        folders(tmp_path / "photos" / part)
    found = look(presets, str(tmp_path / "photos"))
    assert found.counts.keys() == {"train", "val", "test"}
    assert found.counts["test"] == 24
    document = document_of(found, PRETRAINED, presets, tmp_path)
    assert document["dataset"]["test_share"] == 0.0


def test_a_checkpoint_is_looked_into_before_it_is_named(tmp_path, presets):
    found = look(presets, str(tagged(tmp_path / "photos")))
    with pytest.raises(InputError, match=r"none\.safetensors: no such checkpoint"):
        settled(found, Wishes(weights=str(tmp_path / "none.safetensors")), "photos")
    with pytest.raises(InputError, match="--weights and --online: expected one source"):
        settled(found, Wishes(weights="mine.pt", online=True), "photos")
    with pytest.raises(InputError, match="model 'mobilnet' is unknown"):
        settled(found, Wishes(model="mobilnet"), "photos")


def test_weights_for_small_pictures_are_refused(tmp_path, presets):
    found = look(presets, str(parquet(tmp_path / "small")))
    with pytest.raises(InputError, match="--online: pictures of 32 pixels are learnt from scratch"):
        settled(found, PRETRAINED, "small")


def test_a_model_without_published_weights_says_so():
    with pytest.raises(InputError, match="timm publishes no weights of 'lenet5'"):
        weights.how_to_get("lenet5", "photos")


def test_a_run_that_does_not_fit_is_refused_with_those_that_do(tmp_path, presets):
    found = look(presets, str(parquet(tmp_path / "small")))
    with pytest.raises(InputError, match=r"--with dlsa: does not fit this data set.*takes csrms"):
        plan(found, Wishes(extra=("dlsa",)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: folders(root, classes=1), "classes of the training images are"),
        (lambda root: folders(root, classes=12, each=1), "has no training image"),
        (lambda root: (root / "a").mkdir(parents=True), "holds no data set of a known layout"),
        (lambda root: picture(root / "a/1.png", 0).write_bytes(b"no"), "looked at can be decoded"),
    ],
)
def test_data_that_nothing_can_be_learnt_from_is_refused(make, message, tmp_path, presets):
    make(tmp_path / "photos")
    if "decoded" in message:
        for name in ("a/2.png", "b/1.png", "b/2.png", "b/3.png", "a/3.png", "a/4.png"):
            picture(tmp_path / "photos" / name, 0).write_bytes(b"no")
    with pytest.raises(InputError, match=message):
        look(presets, str(tmp_path / "photos"))


def test_pictures_that_cannot_be_read_are_counted_and_allowed_for(tmp_path, presets):
    root = tagged(tmp_path / "photos")
    (root / "kind_0/0.png").write_bytes(b"")
    found = look(presets, str(root))
    assert [why for _, why in found.failures] == [Failure("empty file", "0 bytes")]
    assert ("unreadable", "1 of 24 looked at, e.g. kind_0/0.png: empty file") in described(found)
    document = document_of(found, PRETRAINED, presets, tmp_path)
    assert document["dataset"]["max_rejected"] >= 1 / 24


def test_a_class_of_few_images_is_counted(tmp_path, presets):
    folders(tmp_path / "photos", classes=4, each=4)
    words = dict(described(look(presets, str(tmp_path / "photos"))))
    assert words["classes"].endswith("4 have fewer than 5")
    assert words["splits"].endswith("held out here, as the data set ships none")


def test_a_sample_is_chosen_at_even_steps():
    assert evenly(list(range(10)), 4) == [0, 3, 6, 9]
    assert evenly([5], 4) == [5]


def test_a_folder_that_is_not_there_is_refused(monkeypatch, tmp_path):
    with pytest.raises(InputError, match="'nowhere' does not exist"):
        placed("nowhere")
    monkeypatch.setenv("PROTOWEAVE_DATA", "elsewhere")
    with pytest.raises(InputError, match="PROTOWEAVE_DATA is set, and every stage would read"):
        placed(str(tmp_path))


@pytest.fixture
def checkout(tmp_path, root, monkeypatch):
    home = tmp_path / "checkout"
    (home / "data").mkdir(parents=True)
    shutil.copy2(root / "data/none", home / "data/none")
    shutil.copy2(root / "dvc.yaml", home / "dvc.yaml")
    shutil.copytree(root / "presets", home / "presets")
    monkeypatch.chdir(home)
    return home


def run(*words):
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def test_nothing_is_written_without_a_yes(checkout, tmp_path):
    data = str(tagged(tmp_path / "photos"))
    assert "nothing is written; --yes writes params.yaml" in run(
        "start", data, "--online", "--no-cost"
    )
    assert not (checkout / "params.yaml").exists()
    assert not (checkout / ".protoweave/local.yaml").exists()


@pytest.mark.parametrize("more", [(), ("--with", "dlsa"), ("--backbone", "resnet18")])
def test_what_is_written_is_what_the_printed_commands_write(more, checkout, tmp_path, presets):
    data = str(tagged(tmp_path / "photos"))
    output = run("start", data, "--online", "--no-cost", "--yes", *more)
    written = (checkout / "params.yaml").read_text()
    assert data in (checkout / ".protoweave/local.yaml").read_text()
    by_hand = output.partition("the same by hand: ")[2].splitlines()[0]
    for command in by_hand.split("; "):
        run(*[word.strip("'") for word in command.split()[1:]])
    assert (checkout / "params.yaml").read_text() == written


def test_changes_are_of_keys_that_the_preset_has(tmp_path, presets):
    found = look(presets, str(coco(tmp_path / "coco")))
    changes = plan(found, PRETRAINED).changes
    text = text_of(presets, PHOTOS, dict(parse_change(f"{k}={v}") for k, v in changes.items()))
    assert YAML(typ="safe").load(text)["dataset"]["format"] == "coco"
    assert np.isfinite(found.side)
