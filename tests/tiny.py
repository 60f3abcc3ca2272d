"""Changes of the default preset with which whole stages run in seconds; none leaves a part out."""

from collections.abc import Mapping, Sequence
from typing import Any

SIZE = 32  # pixels
GRAPH = {"heads": 2, "hidden": 8}


def tiny(scenes: Mapping[str, int], *, seeds: Sequence[int], epochs: int) -> dict[str, Any]:
    """Return the changes for counts of images by split; ``seeds`` are those of the runs."""
    recipe = {"epochs": epochs, "batch_size": 16}
    backbone = {"backbone": {"image_size": SIZE}}
    own = {"seeds": list(seeds), "recipe": recipe}
    warm = own | {"recipe": recipe | {"schedule": {"warmup_epochs": 0}}}
    captions = {"image_size": SIZE, "dims": 16, "text_width": 16, "text_heads": 2}
    return {
        "dataset": {"scenes": {**scenes, "size": SIZE}},
        "baseline": {target: backbone | {"recipe": recipe} for target in ("classes", "tags")},
        "maps": backbone | {"batch_size": 8},
        "csnet": {"steps": 3, "min_grid": 2, "recipe": recipe},
        "regions": {"random_draws": 2},
        "features": backbone | {"batch_size": 8},
        "relations": {"n": 3, "m": 3},
        "vlp": {"source": captions | {"recipe": warm["recipe"]}},
        **dict.fromkeys(("base", "base_images"), backbone | own),
        **dict.fromkeys(("base_maps", "base_tags"), own),
        "csrms": backbone | own | {"n_neighbours": 3},
        "vscnet": own | {"width": 8},
        "dlsa": own | {"labels": {"hidden": 8}, "reasoning": {"hidden": 8}},
        "ssgrl": own | {"hidden": 8, "outputs": 8},
        "ml_gcn": own | {"hidden": 8},
        **{name: {"seeds": [0]} for name in ("clip", "conse", "conse_clip", "sparc")},
        "clip_ft": warm,
        "mkt": warm,
        "c2srt": warm | {"ist": GRAPH},
        "sigrl": warm | {"correlation": GRAPH},
        "evaluation": {"draws": 100, "embedding": "pca"},
    }
