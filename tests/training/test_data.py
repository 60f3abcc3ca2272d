"""What a method may see."""

from collections.abc import Sequence
from dataclasses import fields

import pytest
import torch

from pipeline_lib.training.data import Data, Pictures


def fetch(rows: Sequence[int]) -> torch.Tensor:
    """Images that show their row."""
    return torch.tensor(rows).float().view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


@pytest.fixture
def pictures() -> Pictures:
    return Pictures([10, 13, 11, 19, 15], fetch)


def rows(batch: torch.Tensor) -> list[float]:
    return batch[:, 0, 0, 0].tolist()


def test_positions_lead_to_rows(pictures):
    assert len(pictures) == 5
    assert rows(pictures.batch(torch.tensor([4, 0, 0]))) == [15, 10, 10]


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (99, [5])])
def test_batches_are_all_images_in_order(pictures, size, sizes):
    found = list(pictures.batches(size))
    assert [len(batch) for batch in found] == sizes
    assert [row for batch in found for row in rows(batch)] == [10, 13, 11, 19, 15]


def test_an_order_by_lot_is_another_one_and_says_where_each_image_is(pictures):
    mixed, places = pictures.by_lot()
    assert sorted(mixed.rows) == sorted(pictures.rows)
    assert list(mixed.rows) != list(pictures.rows)
    assert [mixed.rows[place] for place in places.tolist()] == list(pictures.rows)
    assert list(pictures.by_lot()[0].rows) == list(mixed.rows)


def test_classes_are_the_columns_of_the_targets(pictures):
    data = Data(pictures, torch.eye(5)[:, :3].contiguous(), {})
    assert data.classes == 3


@pytest.mark.parametrize(
    ("targets", "single"),
    [([[1, 0], [0, 1]], True), ([[1, 1], [0, 1]], False), ([[1, 0], [0, 0]], False)],
)
def test_single_label_means_exactly_one_class_each(pictures, targets, single):
    assert Data(pictures, torch.tensor(targets).float(), {}).single_label is single


def test_a_method_gets_labels_of_training_images_alone():
    assert [field.name for field in fields(Data)] == [
        *("train", "targets", "evaluation", "oracle", "val_targets", "names", "tags")
    ]
    defaults = {field.name: field.default for field in fields(Data)}
    assert defaults["oracle"] is defaults["val_targets"] is defaults["tags"] is None
    assert [field.name for field in fields(Pictures)] == ["rows", "fetch"]
