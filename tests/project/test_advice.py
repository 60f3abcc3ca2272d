import polars as pl
import pytest
from ruamel.yaml import YAML

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.project.advice import INGEST, advice
from pipeline_lib.project.presets import text_of


def sample(number, side):
    said = {"sample_id": str(number), "split": "train", "classes": [0], "tags": [0]}
    return said | {"sha256": "0" * 64, "path": "a.jpg", "width": side, "height": side + 80}


@pytest.fixture
def ingested(tmp_path):
    """Write a data set of two classes and three tags, with pictures of some sides."""

    def write(said, *sides):
        lock = {"stages": {"ingest": {"params": {"params.yaml": {"dataset": said["dataset"]}}}}}
        YAML().dump(lock, tmp_path / "dvc.lock")
        rows = [sample(number, side) for number, side in enumerate(sides)]
        SAMPLES.write(
            pl.DataFrame(rows, schema=SAMPLES.dtypes, orient="row"),
            tmp_path / INGEST / "samples.parquet",
        )
        names = [("class", i, f"class {i}") for i in range(2)]
        names += [("tag", i, f"tag {i}") for i in range(3)]
        rows = [(kind, i, name, True, 1, None) for kind, i, name in names]
        CATEGORIES.write(
            pl.DataFrame(rows, schema=CATEGORIES.dtypes, orient="row"),
            tmp_path / INGEST / "categories.parquet",
        )
        return tmp_path

    return write


def document(root, preset):
    return YAML(typ="safe").load(text_of(root / "presets", preset, {}))


def test_tags_that_no_run_predicts_are_named_with_the_command_that_adds_one(root, ingested):
    photographs = document(root, "image-folder")
    assert list(advice(photographs, ingested(photographs, 256))) == [
        "3 tags of the data set are predicted by no run; `protoweave methods --enable base_tags` "
        "adds one"
    ]


def test_a_small_network_from_scratch_on_photographs_is_named(root, ingested):
    lenet = document(root, "image-folder-lenet5")
    found = list(advice(lenet, ingested(lenet, 300, 256, 20)))
    assert found[1] == (
        "run base sees pictures of 256 pixels at 64, by a lenet5 trained from scratch: of "
        "photographs a pretrained backbone tells far more; preset image-folder has one"
    )
    assert [line.split(" ")[1] for line in found] == ["tags", "base", "csrms"]
    assert len(list(advice(lenet, ingested(lenet, 127, 127)))) == 1, (
        "half its sides at least are seen"
    )


def test_before_the_first_ingest_there_is_nothing_to_say(root, tmp_path):
    assert list(advice(document(root, "image-folder-lenet5"), tmp_path)) == []


def test_what_was_read_of_another_data_set_says_nothing(root, ingested):
    folder = ingested(document(root, "coco-mobilenet"), 256)
    assert list(advice(document(root, "image-folder-lenet5"), folder)) == []
