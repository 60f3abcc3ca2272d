"""ConSE: mixtures of class names."""

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.class_mixture import mixture
from pipeline_lib.methods.conse.fit import build, fit
from pipeline_lib.methods.conse.settings import Settings
from pipeline_lib.training.network import Problem
from tests.methods.toy import run
from tests.methods.toy_towers import data, knowledge, towers

IMAGES = 10


def test_worked_example():
    # T = 2 of p = 0.6, 0.3, 0.1: (0.6 (1, 0) + 0.3 (0, 1)) / 0.9
    likely, names = torch.tensor([[0.3, 0.1, 0.6]]), torch.tensor([[0.0, 1], [1, 1], [1, 0]])
    found = mixture(likely, names, most=2, weighting="probability")
    torch.testing.assert_close(found, torch.tensor([[2 / 3, 1 / 3]]))
    # of roots 0.774597 and 0.547723
    found = mixture(likely, names, most=2, weighting="root")
    torch.testing.assert_close(found, torch.tensor([[0.585786, 0.414214]]))


@pytest.mark.parametrize("weighting", ["probability", "root"])
@pytest.mark.parametrize("most", [1, 4, 10, 99])
def test_scores_equal_equation_4_as_written(weighting, most):
    model, some = towers(), data(IMAGES)
    settings = Settings(classes=most, weighting=weighting)
    found = fit(some, knowledge(model), model, settings, seed=0, run=run())
    with torch.no_grad():
        seen = model.visual(some.evaluation["test"].batch(torch.arange(IMAGES)))
    likely = F.softmax(seen.features @ model.classifier.weight.T + model.classifier.bias, dim=1)
    texts = knowledge(model)["embeddings"]
    for image in range(IMAGES):
        best = sorted(range(10), key=lambda y: -float(likely[image, y]))[:most]
        total = torch.zeros(texts.shape[1])
        for y in best:
            p = float(likely[image, y])
            total += (p if weighting == "probability" else p**0.5) * model.classifier.embeddings[y]
        expected = model.scale * F.normalize(total, dim=0) @ texts.T
        torch.testing.assert_close(found.logits["test"][image], expected, rtol=1e-4, atol=1e-5)


def test_a_model_without_a_classifier_is_refused():
    model = towers()
    model.classifier = None
    with pytest.raises(InputError, match=r"conse needs the classifier .*`vlp\.source` lit"):
        build(Problem.of(data()), knowledge(model), model, Settings())
