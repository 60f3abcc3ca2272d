"""The causal graph network: what each part sees, and what changes nothing."""

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.masks import halves
from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.nn.classification import posterior
from pipeline_lib.training.data import Pictures
from tests.methods.vscnet.toy import CLASSES, POOLED, ROWS, J, associations, model, rows

COUNT = 8


def inputs(count: int = COUNT) -> dict[str, Tensor]:
    return associations(count)


def scored(net: VSCNet, some: dict[str, Tensor]) -> Tensor:
    with torch.no_grad():
        return net.eval()(some).logits


@pytest.mark.parametrize("row", ROWS)
def test_every_row_gives_logits_and_what_was_classified(row):
    found = model(ROWS[row])(inputs())
    assert found.logits.shape == found.trained.shape == (COUNT, CLASSES)
    assert len(found.features) == COUNT
    assert (found.graph is not None) == ("L" in ROWS[row])
    assert (found.masks is not None) == ("C" in ROWS[row])
    assert (found.other is None) == (found.intervened is None) == ("C" not in ROWS[row])


def test_the_row_base_is_a_linear_classifier_of_the_pooled_features():
    net, some = model(""), inputs()
    found = net(some)
    mean, variance = some["pooled"].mean(0), some["pooled"].var(0, correction=0)
    standard = (some["pooled"] - mean) / (variance + net.standardise.eps).sqrt()
    expected = standard @ net.plain.weight.T + net.plain.bias
    torch.testing.assert_close(found.logits, expected)
    assert found.trained is found.logits
    assert {n for n, _ in net.named_parameters()} == {"plain.weight", "plain.bias"}
    other = {name: torch.zeros_like(value) for name, value in some.items()}
    torch.testing.assert_close(net(other | {"pooled": some["pooled"]}).logits, expected)


PARTS = {
    "": {"plain"},
    "L": {"region", "tag", "first", "causal_head"},
    "K": {"prototype"},
    "G": set(),
    "C": {"masking", "second", "other_head", "mixed_head"},
    "F": {"of_graph", "of_image", "fused"},
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("single_label", [False, True])
def test_gradients_reach_every_part_that_is_on_and_there_is_no_other(row, single_label):
    letters = ROWS[row]
    net = model(letters, single_label=single_label)
    found = net(inputs(24), torch.arange(24).roll(1))
    outputs = [found.trained, found.causal, found.other, found.intervened]
    torch.cat([o.log_softmax(1)[:, 0] for o in outputs if o is not None]).sum().backward()
    expected = set.union(*(PARTS[letter] for letter in letters or [""]))
    assert {name.partition(".")[0] for name, _ in net.named_parameters()} == expected
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("row", ROWS)
def test_images_are_scored_one_by_one(row):
    net, some = model(ROWS[row]), inputs()
    net(some)  # moves the running means
    whole = scored(net, some)
    turned = torch.randperm(COUNT, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(scored(net, rows(some, turned)), whole[turned])
    alone = [scored(net, rows(some, [image])) for image in range(COUNT)]
    torch.testing.assert_close(torch.cat(alone), whole)


@pytest.mark.parametrize("row", ROWS)
def test_regions_may_come_in_any_order(row):
    net, some = model(ROWS[row]), inputs()
    turned = torch.tensor([1, 2, 0])
    per_image = ("pooled", "beliefs")
    other = {n: v if n in per_image else v[:, turned] for n, v in some.items()}
    torch.testing.assert_close(scored(net, other), scored(net, some))


@pytest.mark.parametrize("letters", ["LKG", "LKGC", "LKGCF"])
def test_prototypes_that_are_not_nodes_change_nothing(letters):
    net, some = model(letters), inputs()
    hidden = ~net(some).graph.mask[:, -J:]
    assert hidden.any()
    other = some | {"prototypes": torch.where(hidden[:, :, None], 9.0, some["prototypes"])}
    torch.testing.assert_close(scored(net, other), scored(net, some))
    shown = some | {"prototypes": torch.where(hidden[:, :, None], some["prototypes"], 9.0)}
    assert not torch.equal(scored(net, shown), scored(net, some))


@pytest.mark.parametrize(
    ("letters", "without"),
    [
        ("LG", {"prototypes", "matched", "prototype_tag", "refined", "beliefs", "pooled"}),
        ("LKG", {"raw", "beliefs", "pooled"}),
        ("LKGC", {"raw", "beliefs", "pooled"}),
        ("LKGCF", {"raw"}),
        ("LGF", {"prototypes", "matched", "prototype_tag", "refined", "beliefs"}),
    ],
)
def test_a_part_that_is_off_reads_nothing(letters, without):
    net, some = model(letters), inputs()
    net(some)
    before = scored(net, some)
    for name in some.keys() - {"similarity", "lattice", "lattice_tags", "lattice_raw"}:
        # -1 matches nothing; and the order of an image's probabilities turns
        other = -torch.ones_like(some[name]) if "t" in name and "m" in name else some[name].flip(-1)
        changed = {name: other} | ({"prototype_tag": other} if name == "matched" else {})
        same = torch.allclose(scored(net, some | changed), before)
        assert same == (name in without), name


def test_edges_count_only_with_the_graph():
    some = inputs()
    assert not model("LK")(some).graph.adjacency.any()
    with_edges, without = model("LKG"), model("LK")
    without.load_state_dict(with_edges.state_dict())
    assert with_edges(some).graph.adjacency.any()
    assert not torch.allclose(scored(with_edges, some), scored(without, some))


def test_the_intervention_joins_the_non_causal_half_of_another_image():
    net, some = model("LKGC"), inputs()
    order = torch.tensor([1, 0, 3, 2, 5, 4, 7, 6])
    found = net(some, order)
    nodes = net._nodes(some, found.graph)
    causal, other = halves(nodes, found.graph.adjacency, found.masks)
    f_c, f_n = net.first(*causal, found.graph.mask), net.second(*other, found.graph.mask)
    torch.testing.assert_close(found.causal, net.causal_head(f_c))
    torch.testing.assert_close(found.other, net.other_head(f_n))
    expected = torch.stack([f_c[i] + f_n[int(order[i])] for i in range(COUNT)])
    torch.testing.assert_close(found.intervened, net.mixed_head(expected))
    torch.testing.assert_close(found.features, f_c)


@pytest.mark.parametrize("letters", ["LKGC", "LKGCF"])
def test_the_permutation_touches_f_m_alone_and_is_the_identity_by_default(letters):
    net, some = model(letters).eval(), inputs()
    plain, same = net(some), net(some, torch.arange(COUNT))
    turned = net(some, torch.arange(COUNT).roll(1))
    torch.testing.assert_close(plain.intervened, same.intervened)
    assert not torch.allclose(turned.intervened, plain.intervened)
    for name in ("logits", "features", "trained", "causal", "other"):
        torch.testing.assert_close(getattr(turned, name), getattr(plain, name))


@pytest.mark.parametrize("single_label", [False, True])
@pytest.mark.parametrize("weights", [(1.0, 0.5), (0.3, 0.0), (0.0, 2.0)])
def test_fusion_equals_equation_14(single_label, weights):
    enhanced, knowledge = weights
    fusion = {"enhanced": enhanced, "knowledge": knowledge}
    net, some = model("LKGCF", single_label=single_label, fusion=fusion), inputs()
    found = net(some)
    inner = model("LKGC", single_label=single_label)
    inner.load_state_dict(net.state_dict(), strict=False)
    f_e = net.of_graph(inner(some).features) + net.of_image(net.standardise(some["pooled"]))
    torch.testing.assert_close(found.features, f_e)
    torch.testing.assert_close(found.trained, net.fused(f_e))
    own = posterior(net.fused(f_e), single_label=single_label)
    torch.testing.assert_close(found.logits.exp(), enhanced * own + knowledge * some["beliefs"])


PLACEBOS = {
    "LKG": {"knowledge": "another"},
    "LKGCF": {"fusion": "another"},
    "LG": {"graph": "lot"},
    "LKGC": {"causal": "mean"},
}


@pytest.mark.parametrize("letters", PLACEBOS)
def test_a_placebo_has_the_weights_of_its_run_and_says_something_else(letters):
    net, placebo, some = model(letters), model(letters, placebo=PLACEBOS[letters]), inputs()
    placebo.load_state_dict(net.state_dict())
    assert not torch.allclose(scored(placebo, some), scored(net, some))


def test_the_placebo_of_knowledge_reads_nothing_of_an_images_own_exemplars():
    placebo, some = model("LKGCF", placebo={"knowledge": "another"}), inputs()
    before = scored(placebo, some)
    for name in ("prototypes", "beliefs", "matched", "refined"):
        changed = some[name].clone()
        changed[3] = 0  # those of image 3 are given to image 4
        other = scored(placebo, some | {name: changed})
        same = [bool(torch.allclose(a, b)) for a, b in zip(other, before, strict=True)]
        assert same[:4] == [True] * 4, name
        assert same[4] == (name == "refined"), name


REPLACE = {"masks": {"removal": "replace"}}


def test_what_is_removed_is_noise_in_training_and_its_mean_afterwards():
    net, literal, some = model("LKGC", **REPLACE), model("LKGC"), inputs()
    net.train()
    assert not torch.equal(net(some).causal, net(some).causal)
    torch.testing.assert_close(literal(some).causal, literal(some).causal)
    literal.load_state_dict(net.state_dict())
    assert torch.equal(scored(net, some), scored(literal, some))


def test_halves_as_training_sees_them_come_from_a_generator():
    net, some = model("LKGC", **REPLACE).eval(), inputs()

    def drawn(seed: int) -> Tensor:
        return torch.stack(net.halves_of(some, torch.Generator().manual_seed(seed)))

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


@pytest.mark.parametrize("single_label", [False, True])
def test_equation_12_is_the_mean_over_the_halves_of_other_images(single_label):
    net = model("LKGC", single_label=single_label, masks={"strata": 3})
    some = inputs()
    net.stratify(Pictures(range(COUNT), lambda wanted: rows(some, wanted)), torch.Generator())
    assert torch.equal(net.strata, net.halves_of(rows(some, [0, 4, 7]), torch.Generator())[1])
    found = net.eval()(some)
    expected = 0
    for stratum in net.strata:
        logits = net.mixed_head(found.features + stratum)
        expected = expected + (logits.softmax(1) if single_label else logits.sigmoid()) / 3
    beliefs = found.logits.softmax(1) if single_label else found.logits.sigmoid()
    torch.testing.assert_close(beliefs, expected)
    torch.testing.assert_close(net.train()(some).logits, net(some).causal)


def test_without_knowledge_the_fused_prediction_stands_alone():
    found = model("LGF")(inputs())
    assert found.logits is found.trained


def test_a_class_that_nothing_speaks_for_has_a_finite_logit():
    net, some = model(fusion={"enhanced": 0.0, "knowledge": 1.0}), inputs()
    some["beliefs"][0] = torch.eye(CLASSES)[0]
    assert torch.isfinite(scored(net, some)).all()


def test_pooled_features_are_standardised():
    net, some = model(""), inputs(32)
    other = model("")
    scaled = some | {"pooled": 50 * some["pooled"] + 3}
    torch.testing.assert_close(other(scaled).logits, net(some).logits, atol=1e-3, rtol=0)
    assert net.standardise.running_mean.shape == (POOLED,)
