"""Captions as the text tower reads them in training: whole, or a random run of their words.

Where several were written of an image, one of them is drawn for each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Int


@dataclass(frozen=True)
class Captions:
    """The captions of images by position.

    With few captions a text tower learns them by heart. A run of ``least`` words or more, drawn
    anew in every step, makes it learn words: "a pig and two" stands for the image then.
    """

    texts: Sequence[Sequence[str]]  # of each image one at least
    tokenizer: Any
    least: int  # words; 0: always the whole caption

    def __call__(
        self, positions: list[int], generator: torch.Generator
    ) -> Int[Tensor, "batch length"]:
        """Return tokens."""
        drawn = (_one(self.texts[p], generator) for p in positions)
        found: Tensor = self.tokenizer([self._some(text, generator) for text in drawn])
        return found

    def occurring(self, also: Sequence[str]) -> Int[Tensor, " tokens"]:
        """Return every token of the captions, of each of their words alone, and of other texts."""
        texts = [text for several in self.texts for text in several]
        words = sorted({word for text in texts for word in _words(text)})
        tables = [self.tokenizer(list(some)) for some in (texts, words, also) if some]
        found: Tensor = torch.unique(torch.cat([table.flatten() for table in tables]))
        return found

    def _some(self, text: str, generator: torch.Generator) -> str:
        words = _words(text)
        if not self.least or len(words) <= self.least:
            return text
        count = _drawn(self.least, len(words), generator)
        first = _drawn(0, len(words) - count, generator)
        return " ".join(words[first : first + count])


def _one(texts: Sequence[str], generator: torch.Generator) -> str:
    """Draw one of several texts; of a single one nothing is drawn."""
    return texts[0] if len(texts) == 1 else texts[_drawn(0, len(texts) - 1, generator)]


def _words(text: str) -> list[str]:
    return text.rstrip(".").split()


def _drawn(least: int, most: int, generator: torch.Generator) -> int:
    return int(torch.randint(least, most + 1, (), generator=generator))
