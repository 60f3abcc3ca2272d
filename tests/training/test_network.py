"""What a network is built from is told, and can be told again."""

import pytest
import torch
from torch import nn

from pipeline_lib.errors import InputError
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.network import Network, Problem, Scores, built
from tests.methods import toy
from tests.methods.vscnet import toy as toy_graphs


class Linear(Network):
    borrowed = ("lent.",)

    def __init__(self) -> None:
        super().__init__()
        self.own, self.lent = nn.Linear(2, 3), nn.Linear(2, 3)

    def score(self, pictures: Pictures[torch.Tensor]) -> Scores:
        raise NotImplementedError


def test_the_arrays_that_are_looked_at_are_known_and_no_others():
    def build(problem, knowledge, encoder, settings):
        assert "absent" not in knowledge
        assert "named" in knowledge
        assert len(list(knowledge)) == len(knowledge) == 3
        assert knowledge["read"].shape == (2,)
        return Linear()

    arrays = {name: torch.ones(2) for name in ("read", "named", "listed")}
    found = built(build, toy.data(), arrays, toy.encoder(), None)
    assert found.knowledge == {"read": arrays["read"]}
    assert found.problem.classes == toy.CLASSES


@pytest.mark.parametrize("data", [toy.data(), toy_graphs.data(multi=True)])
def test_a_problem_is_that_of_its_description_but_for_the_pixels(data):
    problem = Problem.of(data)
    again = Problem.told(problem.about)
    assert again.about == problem.about
    assert (again.classes, again.train_images) == (data.classes, len(data.train))
    assert again.single_label == data.single_label


def test_a_state_may_lack_what_is_lent_and_nothing_else():
    one, other = Linear(), Linear()
    other.restore({k: v for k, v in one.state_dict().items() if k.startswith("own.")})
    assert torch.equal(other.own.weight, one.own.weight)
    assert not torch.equal(other.lent.weight, one.lent.weight)
    with pytest.raises(InputError, match=r"lacks 1 \(own\.weight, …\)"):
        other.restore({k: v for k, v in one.state_dict().items() if k != "own.weight"})


def test_pictures_are_batched_by_lot_where_images_stand_in_for_each_other():
    class Mixing(Linear):
        mixes = True

    pictures = Pictures(range(9), lambda rows: torch.tensor(rows))
    own, places = Linear().arranged(pictures)
    assert own is pictures
    assert places.tolist() == list(range(9))
    mixed, places = Mixing().arranged(pictures)
    assert list(mixed.rows) == list(pictures.by_lot()[0].rows)
    assert [mixed.rows[place] for place in places] == list(range(9))
