"""Pictures found by words: both towers of a vision-language model, without a run or params."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from pipeline_lib.api.scorer import BATCH
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.text.prompts import expand, fill
from pipeline_lib.encoders.vlp.load import load, tokenizer
from pipeline_lib.encoders.vlp.towers import Vlp
from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.determinism import deterministic

PROMPTS = ("a photo of a {}",)


@dataclass(frozen=True)
class TowerPair:
    """An image tower and a text tower with one space; vectors have length 1."""

    folder: Path  # of open_clip's format
    vlp: Vlp
    device: str
    batch_size: int = BATCH  # pictures that are encoded together

    def search(
        self, images: Sequence[np.ndarray], texts: Sequence[str], prompts: Sequence[str] = PROMPTS
    ) -> Float[Tensor, "texts images"]:
        """Return the cosine of every text with every image, -1..1; higher is more alike.

        Args:
            images: RGB (height, width, 3) uint8, of any size.
            texts: names, which stand in the place of {} in each of ``prompts``.
            prompts: whose vectors are averaged; ("{}",) takes the texts as they are.

        Raises:
            InputError: a text holds no word that the model knows.
        """
        size = self.batch_size
        of_texts = self.encode_texts(texts, prompts)
        with deterministic():
            rows = [
                self.encode(torch.stack([self.prepare(image) for image in images[i : i + size]]))
                for i in range(0, len(images), size)
            ]
        return of_texts @ torch.cat(rows).T

    def prepare(self, image: np.ndarray) -> Tensor:
        """Resize and crop RGB (height, width, 3) to (3, size, size), both uint8."""
        return self.vlp.preprocess.geometry([image])[0]

    def encode(self, prepared: Tensor) -> Float[Tensor, "images dims"]:
        """Return the vectors of prepared images, on the CPU."""
        with torch.inference_mode():
            images = self.vlp.preprocess.normalise(prepared.to(self.device))
            return normalize(self.vlp.model.visual(images).pooled.float(), dim=1).cpu()

    def encode_texts(
        self, texts: Sequence[str], prompts: Sequence[str] = PROMPTS
    ) -> Float[Tensor, "texts dims"]:
        """Return a vector for each text, the mean over the prompts.

        Raises:
            InputError: a text holds no word that the model knows.
        """
        for text in texts:
            self._refuse_unknown(text)
        sentences = fill(prompts, texts)
        with torch.inference_mode(), deterministic():
            tokens = self._tokenizer(sentences).to(self.device)
            rows = [self.vlp.model.text(some).float() for some in tokens.split(BATCH)]
        each = normalize(torch.cat(rows), dim=1).cpu()
        of_text = each.reshape(len(texts), len(expand(prompts)), -1)
        return normalize(of_text.mean(1), dim=1)

    def _refuse_unknown(self, text: str) -> None:
        """Raise where nothing of a text is left beside what every text has."""
        own = getattr(self._tokenizer, "tokenizer", None)  # of transformers
        nothing, tokens = (set(self._tokenizer([some])[0].tolist()) for some in ("", text))
        if not tokens - nothing - {getattr(own, "unk_token_id", None)}:
            raise InputError(
                f"'{text}': holds no word that the tokenizer of {self.folder} knows, expected one "
                "at least; write it in the language that the model was trained with"
            )

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer(self.folder)


def load_towers(folder: Path | str, *, device: str | None = None) -> TowerPair:
    """Load a vision-language model that stage ``vlp`` or open_clip wrote.

    Raises:
        InputError: the folder holds no whole model.
    """
    path, place = Path(folder), device or pick_device()
    found = load(path)
    found.model.to(place).eval()
    return TowerPair(path, found, place)
