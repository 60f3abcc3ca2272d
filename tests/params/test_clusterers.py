"""The clusterers, of which a section names one."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.params.clusterers import Algorithm
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.params.exemplars import Exemplars
from tests.clustering.algorithms import ADAPTER, FUZZY_ART, HDBSCAN, KMEANS

ALGORITHMS = {values["name"]: values for values in (FUZZY_ART, KMEANS, HDBSCAN)}
RULES: dict[str, dict[str, Any]] = {
    "fixed": {},
    "am": {"sigma": 0.1},
    "cm": {"delta": 0.1},
    "hi": {"sigma": 0.1, "delta": 0.1},
}
# place, values at and inside the bounds, values just outside them
BOUNDS = [
    ("fuzzy_art.rho", [0, 1], [-0.01, 1.01]),
    ("fuzzy_art.alpha", [0, 100], [-0.01]),
    ("fuzzy_art.beta", [1e-9, 1], [0, 1.01]),
    ("fuzzy_art.epochs", [1], [0]),
    ("fuzzy_art.ties", ["first", "last"], ["random"]),
    ("fuzzy_art.shuffle", ["none", 0, 7], ["first", 0.5, None]),
    ("kmeans.n_clusters", [1], [0]),
    ("kmeans.iterations", [1], [0]),
    ("kmeans.seed", [0, -1], ["0", 0.5]),
    ("hdbscan.min_cluster_size", [2, 500], [1, 2.0]),
    ("hdbscan.min_samples", [1, 500], [0]),
    ("hdbscan.selection", ["eom", "leaf"], ["dbscan"]),
    ("hdbscan.single", [True, False], ["no", 1]),
]


def models() -> dict[str, Any]:
    return {
        get_args(m.model_fields["name"].annotation)[0]: m for m in get_args(get_args(Algorithm)[0])
    }


@pytest.mark.parametrize(("place", "inside", "outside"), BOUNDS, ids=[b[0] for b in BOUNDS])
def test_bounds_are_where_they_should_be(place, inside, outside):
    name, key = place.split(".")
    for value in inside:
        assert ADAPTER.validate_python(ALGORITHMS[name] | {key: value})
    for value in outside:
        with pytest.raises(ValidationError, match=key):
            ADAPTER.validate_python(ALGORITHMS[name] | {key: value})


def test_every_number_and_choice_is_among_these():
    keys = {f"{name}.{key}" for name, model in models().items() for key in model.model_fields}
    assert keys - {f"{name}.name" for name in models()} - {"fuzzy_art.vigilance"} == {
        place for place, _, _ in BOUNDS
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_vigilance_has_the_numbers_that_adapt_it_and_no_others(rule):
    own = {"name": rule, **RULES[rule]}
    assert ADAPTER.validate_python(FUZZY_ART | {"vigilance": own})
    for key in ("sigma", "delta"):
        bad = own | {key: -0.1} if key in own else own | {key: 0.1}
        with pytest.raises(ValidationError, match=key):
            ADAPTER.validate_python(FUZZY_ART | {"vigilance": bad})


FAULTS: list[tuple[dict[str, Any], str]] = [
    (FUZZY_ART | {"name": "fuzzyart"},
     r"clusters\.algorithm\.name is 'fuzzyart', which is not known; did you mean 'fuzzy_art'\?"),
    ({k: v for k, v in KMEANS.items() if k != "name"},
     r"clusters\.algorithm\.name is missing; expected one of fuzzy_art, kmeans, hdbscan"),
    (KMEANS | {"n_clusters": 0},
     r"clusters\.algorithm\.n_clusters is 0: input should be greater than or equal to 1"),
    (KMEANS | {"iteration": 3},
     r"clusters\.algorithm\.iteration is not a known key; did you mean 'iterations'\?"),
    (FUZZY_ART | {"vigilance": {"name": "am", "sigma": 0.1, "delta": 0.1}},
     r"clusters\.algorithm\.vigilance\.delta is not a known key; known: name, sigma"),
    (FUZZY_ART | {"vigilance": {"name": "an"}},
     r"clusters\.algorithm\.vigilance\.name is 'an', which is not known; known: am, cm, fixed, hi"),
]  # fmt: skip


@pytest.mark.parametrize(("algorithm", "expected"), FAULTS, ids=[e[-30:] for _, e in FAULTS])
def test_a_fault_inside_a_clusterer_is_named_by_its_place(tmp_path, algorithm, expected):
    path = tmp_path / "params.yaml"
    section = {"space": "features", "normalise": "none", "algorithm": algorithm}
    YAML(typ="safe").dump({"clusters": section}, path)
    with pytest.raises(InputError, match=f"params.yaml: {expected}"):
        Clusters.load("clusters", path)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_both_sections_take_every_clusterer(name):
    assert Clusters.model_validate(
        {"space": "features", "normalise": "none", "algorithm": ALGORITHMS[name]}
    )
    exemplars = {
        "condition": "tag", "algorithm": ALGORITHMS[name], "keep": {"size": 1, "share": 0.5},
        "similarity": "cosine", "top_tags": 1, "filtering": 0.5, "temperature": 0.05,
    }  # fmt: skip
    assert Exemplars.model_validate(exemplars)
