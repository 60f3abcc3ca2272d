"""The network that a method trains and scores images with, and what it is built from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.nn.state import difference
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.liveness import Reading

Batch = TypeVar("Batch")  # what stands for some images


@dataclass(frozen=True)
class Problem(Generic[Batch]):
    """What a network is built for."""

    example: Batch  # the inputs of one image; their shapes count, not their values
    classes: int
    single_label: bool  # whether every training image carries exactly one class
    train_images: int
    names: tuple[str, ...] = ()  # of the classes, for methods that make sentences of them

    @classmethod
    def of(cls, data: Data[Batch]) -> "Problem[Batch]":
        """Return the problem that the data poses."""
        example = data.train.batch(torch.zeros(1, dtype=torch.int64))
        return cls(example, data.classes, data.single_label, len(data.train), data.names)

    @property
    def about(self) -> dict[str, Any]:
        """JSON values, with the shapes of the inputs of one image in their place.

        All but the names, which a file of weights tells by itself.
        """
        example: Any = self.example
        shapes = (
            {name: list(array.shape[1:]) for name, array in example.items()}
            if isinstance(example, Mapping)
            else list(example.shape[1:])
        )
        rest = {name: value for name, value in vars(self).items() if name != "names"}
        return {**rest, "example": shapes}

    @classmethod
    def told(cls, about: Mapping[str, Any], names: Sequence[str] = ()) -> "Problem[Any]":
        """Return the problem that ``about`` describes, with zeros for inputs."""
        shapes = about["example"]
        example = (
            {name: torch.zeros(1, *shape) for name, shape in shapes.items()}
            if isinstance(shapes, Mapping)
            else torch.zeros(1, *shapes)
        )
        return cls(**{**about, "example": example, "names": tuple(names)})


@dataclass(frozen=True)
class Scores:
    """What a network says of some images; all tensors are on the CPU."""

    logits: Float[Tensor, "images classes"]
    features: Float[Tensor, "images dims"]  # what was classified
    zsl: Float[Tensor, "images unseen"] | None = None  # open vocabularies: of a call for the
    # unseen labels alone


class Network(nn.Module, ABC):
    """What a method's ``build`` makes and its ``fit`` trains.

    With what it was built from, the state is all that scoring needs.
    """

    borrowed: tuple[str, ...] = ()  # prefixes of names that a kept state may leave out: these parts
    # are as in the model that the network starts from
    problem: Problem[Any]  # what it was built for, and …
    knowledge: Mapping[str, Tensor] = {}  # … the arrays that it was built from

    @property
    def mixes(self) -> bool:
        """Whether images of a batch stand in for each other, as in some controls."""
        return False

    def arranged(self, pictures: Pictures[Batch]) -> tuple[Pictures[Batch], Int[Tensor, " images"]]:
        """Return the pictures in the order to batch them in, and where in it each of them is.

        It is their own, or one drawn by lot where images of a batch stand in for each other.
        """
        return pictures.by_lot() if self.mixes else (pictures, torch.arange(len(pictures)))

    @abstractmethod
    def score(self, pictures: Pictures[Any]) -> Scores:
        """Score pictures in evaluation mode, in their order, batched as ``arranged`` says."""

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Load the state that was kept of such a network.

        Raises:
            InputError: it is that of another network.
        """
        wrong = difference(self.state_dict(), state, optional=self.borrowed)
        if wrong:
            raise InputError(f"these are not weights of this network: the file {wrong}")
        self.load_state_dict(dict(state), strict=False)

    def evaluate(self, data: Data[Any]) -> dict[str, Scores]:
        """Score every evaluation split."""
        return {split: self.score(pictures) for split, pictures in data.evaluation.items()}

    def readings(self, data: Data[Any]) -> list[Reading]:
        """Return what the mechanism of each module comes to, on images of the data's splits.

        A method whose modules have a mechanism overrides this; it is asked once, after training.
        """
        return []


N = TypeVar("N", bound=Network)
Build = Callable[[Problem[Any], Mapping[str, Tensor], Any, Any], N]
"""``build(problem, knowledge, encoder, settings)`` of a method.

Initial weights come from torch's own generator; the encoder becomes a part of the network.
"""


class Read(Mapping[str, Tensor]):
    """Arrays by name that remember which of them were read."""

    def __init__(self, arrays: Mapping[str, Tensor]) -> None:
        self._arrays = arrays
        self.known: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        self.known[name] = self._arrays[name]
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def built(
    build: Build[N],
    data: Data[Any],
    knowledge: Mapping[str, Tensor],
    encoder: nn.Module,
    settings: Any,
) -> N:
    """Build a network that knows what it was built from, which whoever builds it anew needs."""
    read = Read(knowledge)
    problem = Problem.of(data)
    network = build(problem, read, encoder, settings)
    network.problem, network.knowledge = problem, read.known
    return network
