"""The clusterers of our own are estimators of scikit-learn."""

import doctest
from importlib import import_module

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans

ESTIMATORS = [FuzzyART(), *(FuzzyART(vigilance=name) for name in ("am", "cm", "hi")), FaissKMeans()]


@parametrize_with_checks(ESTIMATORS)
def test_an_estimator_passes_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", [FuzzyART, FaissKMeans])
def test_the_example_of_its_documentation_runs(kind):
    module = import_module(kind.__module__)
    found = doctest.testmod(module)
    assert found.attempted > 3
    assert found.failed == 0


@pytest.mark.parametrize("model", ESTIMATORS, ids=str)
def test_it_is_documented_with_its_source(model: BaseEstimator):
    text = type(model).__doc__
    assert "References:" in text
    assert all(f"{name}: " in text for name in model.get_params())
