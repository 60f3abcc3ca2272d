"""One linear classifier per label."""

import torch

from pipeline_lib.families.dense_head.label_classifier import LabelClassifier


def test_a_label_is_scored_by_its_own_weights(rng):
    layer = LabelClassifier(4, 3)
    vectors = torch.randn(2, 4, 3, generator=rng)
    found = layer(vectors)
    for b in range(2):
        for c in range(4):
            expected = layer.weight[c] @ vectors[b, c] + layer.bias[c]
            torch.testing.assert_close(found[b, c], expected)


def test_on_one_vector_for_all_labels_it_is_a_linear_layer(rng):
    layer, linear = LabelClassifier(4, 3), torch.nn.Linear(3, 4)
    layer.load_state_dict(linear.state_dict())
    pooled = torch.randn(5, 3, generator=rng)
    torch.testing.assert_close(layer(pooled[:, None].expand(5, 4, 3)), linear(pooled))


def test_weights_start_in_the_range_of_a_linear_layer():
    torch.manual_seed(0)
    weight = LabelClassifier(50, 16).weight
    assert weight.abs().max() <= 0.25
    assert weight.std().item() > 0.13  # 0.25/√3 = 0.144
