"""From scores to names with probabilities."""

import numpy as np
import pytest
import torch

from pipeline_lib.api.predictions import Predictions
from pipeline_lib.errors import InputError

NAMES = ["boat", "crab", "duck"]
LOGITS = torch.tensor([[0.0, 2.0, -1.0], [-3.0, -0.5, -0.4]])


def test_classes_are_the_likeliest_with_a_softmax():
    found = Predictions.of(LOGITS, NAMES, exclusive=True, top=2)
    assert found.labels == [["crab", "boat"], ["duck", "crab"]]
    np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-6)
    powers = np.exp([0.0, 2.0, -1.0])
    np.testing.assert_allclose(found.probabilities[0], powers / powers.sum(), rtol=1e-6)


def test_tags_are_those_above_their_threshold_likeliest_first():
    # σ: 0.50 0.88 0.27 | 0.05 0.38 0.40; 0.5 does not exceed 0.5
    def find(threshold):
        return Predictions.of(LOGITS, NAMES, exclusive=False, threshold=threshold).labels

    assert find(0.5) == [["crab"], []]
    assert find(0.26) == [["crab", "boat", "duck"], ["duck", "crab"]]
    assert find({"duck": 0.25}) == [["crab", "duck"], ["duck"]]


def test_a_temperature_softens_classes():
    sharp, soft = (
        Predictions.of(LOGITS, NAMES, exclusive=True, temperature=t).probabilities[0]
        for t in (1.0, 2.0)
    )
    np.testing.assert_allclose(np.log(soft[1] / soft[0]), np.log(sharp[1] / sharp[0]) / 2, 1e-5)


def test_frames_hold_what_was_found_and_all_probabilities():
    found = Predictions.of(LOGITS, NAMES, exclusive=False)
    rows = found.frame(["a.jpg", "b.jpg"]).rows(named=True)
    assert [row["sample_id"] for row in rows] == ["a.jpg", "b.jpg"]
    assert [row["labels"] for row in rows] == [["crab"], []]
    assert rows[0]["probabilities"] == pytest.approx([1 / (1 + np.exp(-2))])
    table = found.table()
    assert table.columns == ["sample_id", *NAMES]
    assert table["sample_id"].to_list() == [0, 1]
    np.testing.assert_array_equal(table.drop("sample_id").to_numpy(), found.probabilities)
    with pytest.raises(InputError, match="1 ids are given for 2 images, expected one each"):
        found.table(["a.jpg"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": {"bota": 0.4}}, r"'bota' is none of the 3 names .*; did you mean 'boat'"),
        ({"threshold": {"duck": 1.0}}, r"threshold of 'duck' is 1\.0, expected a probability be"),
        ({"threshold": 0.0}, r"threshold of 'boat' is 0\.0, expected"),
        ({"temperature": 0.0}, r"temperature is 0\.0 and top 5, expected a temperature above 0"),
        ({"top": 0}, "top 0, expected .* at least 1 class"),
    ],
)
def test_what_makes_no_sense_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Predictions.of(LOGITS, NAMES, exclusive=False, **given)
