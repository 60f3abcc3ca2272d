"""A vision-language model with random weights, small data, and what is known of its labels."""

import open_clip
import torch
import torch.nn.functional as F

from pipeline_lib.encoders.vlp.towers import Towers
from pipeline_lib.nn.towers import TrunkClassifier
from pipeline_lib.training.data import Data, Pictures

SIZE, PATCHES, DIMS, LABELS = 16, 16, 24, 7
WIDTH, CLASSES = 32, 10
UNSEEN = (2, 5)
NAMES = ("boat", "traffic light", "crab", "dog", "cat", "pig", "tree")


def towers(seed: int = 0) -> Towers:
    """Return open_clip's own model with two small transformers: 16 patches, 3 blocks."""
    torch.manual_seed(seed)
    model = open_clip.CLIP(
        embed_dim=DIMS,
        vision_cfg={
            "image_size": SIZE, "patch_size": 4, "width": 32, "layers": 3, "head_width": 16
        },
        text_cfg={
            "context_length": 16, "vocab_size": 49_408, "width": 16, "heads": 2, "layers": 1
        },
    )  # fmt: skip
    found = Towers(
        model.eval(),
        "toy",
        tokenizer=open_clip.SimpleTokenizer(context_length=16),
        classifier=classifier(),
    )
    return found.requires_grad_(False)


def classifier() -> TrunkClassifier:
    """Return the classifier of a trunk that knew ten classes."""
    draw = torch.Generator().manual_seed(3)
    weight = torch.randn(CLASSES, WIDTH, generator=draw)
    embeddings = F.normalize(torch.randn(CLASSES, DIMS, generator=draw), dim=1)
    return TrunkClassifier(weight, torch.randn(CLASSES, generator=draw), embeddings)


def knowledge(model: Towers, neighbours: int = 3, seed: int = 0) -> dict[str, torch.Tensor]:
    """Return what is known of the labels: every one is informed by some seen ones."""
    tokens = open_clip.SimpleTokenizer(context_length=16)([f"a photo of a {n}" for n in NAMES])
    places = torch.zeros_like(tokens)
    places[:, 1:5] = torch.arange(1, 5)
    with torch.no_grad():
        simple = F.normalize(model.text(tokens), dim=1)
    draw = torch.Generator().manual_seed(seed)
    seen = torch.ones(LABELS, dtype=torch.bool)
    seen[list(UNSEEN)] = False
    rows = []
    for label in range(LABELS):
        others = [i for i in range(LABELS) if seen[i] and i != label]
        order = torch.randperm(len(others), generator=draw)[:neighbours]
        rows.append([others[i] for i in order])
    rows[0][-1] = -1  # fewer than the others
    return {
        "embeddings": F.normalize(simple + 0.05 * torch.randn(simple.shape, generator=draw), dim=1),
        "simple": simple,
        "tokens": tokens.int(),
        "places": places.int(),
        "neighbours": torch.tensor(rows, dtype=torch.int32),
        "neighbours.random": torch.tensor(rows[::-1], dtype=torch.int32) % 2,
        "seen": seen,
    }


def data(images: int = 12, seed: int = 0) -> Data[torch.Tensor]:
    """Return random pictures; each carries one or two seen labels."""
    draw = torch.Generator().manual_seed(seed)
    pixels = torch.randn(2 * images, 3, SIZE, SIZE, generator=draw)
    seen = [label for label in range(LABELS) if label not in UNSEEN]
    targets = torch.zeros(images, LABELS)
    for row in range(images):
        order = torch.randperm(len(seen), generator=draw)[: 1 + row % 2]
        targets[row, [seen[i] for i in order]] = 1

    def fetch(rows: list[int]) -> torch.Tensor:
        return pixels[list(rows)]

    return Data(
        train=Pictures(list(range(images)), fetch),
        targets=targets,
        evaluation={"test": Pictures(list(range(images, 2 * images)), fetch)},
        names=NAMES,
    )
