"""Both towers of a vision-language model, and the preprocessing that belongs to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from open_clip.hf_model import HFTextEncoder
from torch import Tensor, nn

from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vlp.image_tower import ImageTower, TimmTower, image_tower
from pipeline_lib.encoders.vlp.map_tower import MapTower
from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.nn.towers import TrunkClassifier

BATCH = 64  # sentences that are encoded at a time
Tokenizer = Callable[[list[str]], Tensor]
"""From sentences to (texts, length) int64."""


class TextTower(nn.Module):
    """The text tower of an open_clip model: token numbers in, vectors of the joint space out."""

    def __init__(self, model: nn.Module, tokenizer: Tokenizer | None = None) -> None:
        super().__init__()
        self.model = model
        self._tokenizer = tokenizer

    def forward(self, tokens: Int[Tensor, "texts length"]) -> Float[Tensor, "texts dims"]:
        """Encode texts; nothing is scaled to length 1."""
        encoded: Tensor = cast(Any, self.model).encode_text(tokens)
        return encoded

    @torch.no_grad()
    def sentences(self, sentences: Sequence[str]) -> Float[Tensor, "texts dims"]:
        """Encode sentences by the model's own tokenizer; nothing is scaled to length 1.

        What exceeds the context is cut.

        Raises:
            InputError: the tower came without a tokenizer.
        """
        if self._tokenizer is None:
            raise InputError(
                "training: the text tower came without a tokenizer, expected that of its folder; "
                "load the model by encoders/vlp/load.py"
            )
        there = self.embedding.weight.device
        pieces = (sentences[i : i + BATCH] for i in range(0, len(sentences), BATCH))
        tables = (self._shortened(self._tokenizer(list(piece))) for piece in pieces)
        return torch.cat([self(table.to(there)).float() for table in tables])

    def _shortened(self, tokens: Tensor) -> Tensor:
        """Leave out what is padding behind every text, where the tower masks it.

        Names are a dozen tokens, and contexts of sentence encoders hundreds.
        """
        text = getattr(self.model, "text", None)
        if not isinstance(text, HFTextEncoder):
            return tokens
        used = (tokens != text.config.pad_token_id).any(0).nonzero()
        return tokens[:, : int(used.max()) + 1]

    def with_words(
        self,
        tokens: Int[Tensor, "texts length"],
        places: Int[Tensor, "texts length"],
        words: Float[Tensor, "words width"],
    ) -> Float[Tensor, "texts dims"]:
        """Encode texts in which other vectors stand for some words.

        Args:
            tokens: the texts.
            places: which of ``words`` stands there, counted from 1; 0 leaves the token's own.
            words: vectors in the space of the token embedding.
        """

        def put(_: nn.Module, __: Any, own: Tensor) -> Tensor:
            other = words.to(own.dtype)[(places - 1).clamp(min=0)]
            return torch.where(places[..., None] > 0, other, own)

        handle = self.embedding.register_forward_hook(put)
        try:
            return cast(Tensor, self(tokens))
        finally:
            handle.remove()

    @property
    def embedding(self) -> nn.Embedding:
        """The embedding of tokens: the largest, since towers may embed positions too."""
        text: Any = getattr(self.model, "text", self.model)
        found = [m for m in text.modules() if isinstance(m, nn.Embedding)]
        return max(found, key=lambda m: m.num_embeddings)


class Towers(nn.Module):
    """An image tower and a text tower with one space."""

    def __init__(
        self,
        model: nn.Module,
        where: str,
        *,
        tokenizer: Tokenizer | None = None,
        classifier: TrunkClassifier | None = None,
    ) -> None:
        super().__init__()
        self.visual: ImageTower = image_tower(cast(nn.Module, model.visual), where)
        self.text = TextTower(model, tokenizer)
        self.classifier = classifier  # of the image trunk, where the names of its classes are known
        self.dims = int(_dims(model))

    def read_maps(self, shape: Sequence[int], size: int) -> MapTower:
        """Read maps of images from now on, and return the tower that does.

        Args:
            shape: of one map, (dims, height, width).
            size: of the images that they were made of, in pixels.

        Raises:
            InputError: the tower has no such map.
        """
        if not isinstance(self.visual, TimmTower):
            raise InputError(
                f"training: the run reads maps, and the image tower is a "
                f"{type(self.visual.visual).__name__}, expected one with a trunk of timm, of whose "
                "last map vectors are made; set `input` of the run to the images"
            )
        tower = MapTower(self.visual, size)
        if tower.shape != tuple(shape):
            raise InputError(
                f"training: the run reads maps of {tuple(shape)}, and the trunk of the image tower "
                f"makes {tower.shape} of {size} pixels; set `maps.backbone` to that trunk, with "
                "output_stride 0"
            )
        self.visual = tower
        return tower

    @property
    def scale(self) -> float:
        """What cosines are multiplied by before the softmax that the model was trained with."""
        return float(cast(Tensor, self.text.model.logit_scale).detach().exp())


@dataclass(frozen=True)
class Vlp:
    """A vision-language model that was loaded."""

    model: Towers
    preprocess: Preprocess  # its own normalisation


def _dims(model: nn.Module) -> int:
    visual: Any = model.visual
    found = getattr(visual, "output_dim", None)
    if found is None:  # a timm model: its projection
        found = [p for p in visual.head.parameters() if p.ndim == 2][-1].shape[0]
    return int(found)
