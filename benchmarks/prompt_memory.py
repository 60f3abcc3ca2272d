"""What tuning a prompt takes in memory: a step's words around every name of a vocabulary."""

from functools import partial

import open_clip
import torch
from torch import Tensor

from benchmarks.peak import tracked
from pipeline_lib.encoders.vlp.towers import TextTower
from pipeline_lib.families.open_vocabulary.prompts import TunedPrompt
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary

WORDS = 4  # of the prompt


def peaks(names: int, model: str = "ViT-B-16") -> dict[str, int]:
    """Return the bytes of a step that tunes the prompt, as it is and with all names kept.

    Args:
        names: of the vocabulary.
        model: of open_clip, whose text tower reads them.
    """
    found = prompt(names, model)
    ours = tracked(partial(step, found, names))
    found.at_once = names
    return {"ours": ours, "naive": tracked(partial(step, found, names))}


def prompt(names: int, model: str) -> TunedPrompt:
    """Return a prompt around so many names, on "meta", where tensors have sizes and no numbers."""
    whole = open_clip.create_model(model, pretrained=None).requires_grad_(False)
    tokens = torch.zeros(names, whole.context_length, dtype=torch.int64)
    places = torch.zeros_like(tokens)
    places[:, 1 : 1 + WORDS] = torch.arange(1, 1 + WORDS)
    known = Vocabulary(
        texts=torch.zeros(names, 1),
        neighbours=torch.zeros(names, 0, dtype=torch.int64),
        seen=torch.ones(names, dtype=torch.bool),
        tokens=tokens,
        places=places,
    )
    return TunedPrompt(TextTower(whole.to("meta")), known).to("meta")


def step(found: TunedPrompt, names: int) -> tuple[Tensor, ...]:
    """Encode all names, forward and backward."""
    vectors = found(torch.arange(names, device="meta"))
    return torch.autograd.grad(vectors.sum(), found.words)
