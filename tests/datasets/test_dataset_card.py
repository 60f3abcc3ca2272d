"""Names of labels beside the files of a Hugging Face data set."""

import json

import pytest

from pipeline_lib.datasets.dataset_card import read_card
from pipeline_lib.errors import InputError
from tests.datasets.tables import class_label, hugging_face, opened, write

# as the Hub shows it for cifar10, and as datasets 4 writes lists and structs
README = """---
license: mit
dataset_info:
  features:
  - name: image
    dtype: image
  - name: label
    dtype:
      class_label:
        names:
          '0': plane
          '1': car
  - name: tags
    sequence:
      class_label:
        names: {'0': sky, '1': sea}
  - name: objects
    list:
    - name: bbox
      list: float32
    - name: category
      dtype:
        class_label:
          names: {'0': cup}
---
# A data set
"""


def test_a_readme_names_labels_lists_and_fields(tmp_path):
    (tmp_path / "README.md").write_text(README)
    card = read_card(tmp_path)
    assert card.names(["label"]) == {0: "plane", 1: "car"}
    assert card.names(["tags"]) == {0: "sky", 1: "sea"}
    assert card.names(["objects", "category"]) == {0: "cup"}
    assert card.names(["image"]) == card.names(["other"]) == {}


def test_names_of_the_readme_count_where_a_file_has_none(tmp_path, dataset):
    (tmp_path / "README.md").write_text(README)
    write(tmp_path / "data" / "train.parquet", label=[1, 0])
    reader = opened(tmp_path, dataset)
    assert [item.classes for item in reader.items()] == [("car",), ("plane",)]
    assert list(reader.sources()) == ["data/train.parquet", "README.md"]
    write(tmp_path / "data" / "train.parquet", hugging_face(label=class_label("a", "b")), label=[1])
    assert opened(tmp_path, dataset).vocabulary().classes == ("b",)


def test_labels_that_the_readme_does_not_name_are_refused(tmp_path, dataset):
    (tmp_path / "README.md").write_text(README)
    write(tmp_path / "train.parquet", label=[1, 2])
    with pytest.raises(InputError, match=r"holds label 2, and the file has 2 names \(plane, car\)"):
        opened(tmp_path, dataset)


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("dataset_info.json", lambda features: {"features": features}),
        ("dataset_infos.json", lambda features: {"default": {"features": features}}),
    ],
)
def test_the_older_json_names_labels(tmp_path, name, features):
    (tmp_path / name).write_text(json.dumps(features({"label": class_label("plane", "car")})))
    assert read_card(tmp_path).names(["label"]) == {0: "plane", 1: "car"}


def test_configurations_that_differ_name_nothing(tmp_path):
    labels = {"fine": class_label("bee", "ray"), "coarse": class_label("sea", "fly")}
    infos = {name: {"features": {"label": label}} for name, label in labels.items()}
    (tmp_path / "dataset_infos.json").write_text(json.dumps(infos))
    assert read_card(tmp_path).names(["label"]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "# A data set\n---\ndataset_info: 1\n---\n",
        "---\n[\n---\n",
        "---\ndataset_info: null\n---\n",
        "---\ndataset_info: {features: {label: 1}}\n---\n",
        "---\ndataset_info: {features: [{name: label, dtype: int64}, null]}\n---\n",
        "---\n",
        "",
    ],
)
def test_a_readme_that_says_nothing_of_labels_names_nothing(tmp_path, text):
    (tmp_path / "README.md").write_text(text)
    (tmp_path / "dataset_info.json").write_text("{")
    assert read_card(tmp_path).names(["label"]) == {}


def test_names_that_are_none_are_refused(tmp_path):
    (tmp_path / "README.md").write_text(README.replace("car", "plane"))
    with pytest.raises(InputError, match=r"README\.md: its metadata .* 'plane' names two labels"):
        read_card(tmp_path).names(["label"])


def test_names_that_are_digits_need_no_quotes(tmp_path):
    text = README.replace("plane", "7").replace("car", "0x")
    (tmp_path / "README.md").write_text(text)
    assert read_card(tmp_path).names(["label"]) == {0: "7", 1: "0x"}


def test_a_name_that_is_no_utf_8_is_refused(tmp_path):
    (tmp_path / "README.md").write_bytes(README.replace("car", "caf\xe9").encode("latin-1"))
    with pytest.raises(InputError, match="'caf\ufffd' is no text in UTF-8, expected a file in UTF"):
        read_card(tmp_path).names(["label"])
