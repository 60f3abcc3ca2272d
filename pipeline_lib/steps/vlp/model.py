"""Get a vision-language model, or train a small one on the captions of the training images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.vlp import CLASSIFIER, CLASSIFIER_FILE
from pipeline_lib.closure import code_digest
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.model_inputs import Inputs
from pipeline_lib.encoders.vlp import tiny
from pipeline_lib.encoders.vlp.acquire import acquire
from pipeline_lib.encoders.vlp.captions import Captions
from pipeline_lib.encoders.vlp.load import preprocess_of
from pipeline_lib.encoders.vlp.texts import Encoder
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.params.section import optional_path
from pipeline_lib.params.vlp import Lit, Tiny, Vlp
from pipeline_lib.progress import Track
from pipeline_lib.steps.vlp.contrastive import ContrastiveTask
from pipeline_lib.steps.vlp.lit import project, towers_of
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.loop import Run, train

PROMPTS = ("a {}", "A {} in the scene.")  # whose words have to be among the trained ones


@dataclass(frozen=True)
class Model:
    """A model, and how it was trained here, if it was."""

    weights: dict[str, np.ndarray]
    config: dict[str, Any]
    tokenizer: Any
    history: list[dict[str, float]]
    checkpoints: Checkpoints | None = None  # to be cleared once the model is written
    classifier: tuple[dict[str, np.ndarray], list[str]] | None = None  # of the trunk, with names
    metrics: dict[str, Any] | None = None  # of what was learned here from what


@dataclass(frozen=True)
class Sources:
    """Where a model that is trained here learns from."""

    table: SampleTable
    samples_file: Path
    images: Path
    checkpoints: Path
    parts: Path  # of texts that were encoded


def get(params: Vlp, sources: Sources, device: str, track: Track) -> Model:
    """Return the model that section ``vlp`` names.

    Raises:
        InputError: it cannot be had, or there are no captions to train it on.
    """
    if isinstance(params.source, Tiny):
        return _trained(params.source, sources, device, track)
    if isinstance(params.source, Lit):
        return _joined(params, params.source, sources, device, track)
    checkpoint = optional_path(params.checkpoint)
    found = acquire(params.source, checkpoint)
    classifier = _classifier_in(checkpoint)
    return Model(_arrays(found.model), found.config, found.tokenizer, [], classifier=classifier)


def _classifier_in(checkpoint: Path | None) -> tuple[dict[str, np.ndarray], list[str]] | None:
    """Return the trunk's classifier with the names of its classes, if source lit made the model."""
    if checkpoint is None or not (checkpoint / CLASSIFIER_FILE).is_file():
        return None
    arrays, header = CLASSIFIER.read(checkpoint / CLASSIFIER_FILE)
    return arrays, header["names"]


def _trained(settings: Tiny, sources: Sources, device: str, track: Track) -> Model:
    samples, rows = sources.table.samples, sources.table.train
    rows = rows[samples["captions"][rows].is_not_null().to_numpy()]
    if not len(rows):
        raise InputError(
            "vlp.source is captions, and no training image has a caption; expected captions to "
            "train on; choose vlp.source named or checkpoint, or set dataset.columns.caption; "
            "where only names are to become vectors, choose text.source ngrams and text.path "
            "data/none"
        )
    seed = settings.seed
    torch.manual_seed(seed)
    config = tiny.config(settings)
    model = open_clip.CLIP(**config["model_cfg"], init_logit_scale=float(np.log(settings.scale)))
    model.visual.preprocess_cfg = config["preprocess_cfg"] | {"size": settings.image_size}
    inputs = Inputs(
        Images(sources.images, samples).pixels, preprocess_of(model.visual), len(samples), device
    )
    tokens = open_clip.SimpleTokenizer(context_length=settings.context)
    captions = Captions(samples["captions"][rows].to_list(), tokens, settings.words)
    task = ContrastiveTask(
        model,
        Pictures(rows.tolist(), inputs),
        captions,
        captions.occurring([prompt.format("thing") for prompt in PROMPTS]),
        augmentation=settings.recipe.augment,
        seed=seed,
    )
    kept = _checkpoints(settings, sources, device)
    run = Run(device=device, track=track, label="vlp", checkpoints=kept)
    history = train(task, len(rows), settings.recipe, seed=seed, run=run)
    return Model(_arrays(task.finish()), config, tokens, history, kept)


def _joined(params: Vlp, settings: Lit, sources: Sources, device: str, track: Track) -> Model:
    table, encode = sources.table, Encoder(Path(params.sentences), sources.parts, device, track)
    pixels = Images(sources.images, table.samples).pixels
    towers = towers_of(params, table, pixels, encode)
    read = (Path(params.vectors), Path(params.sentences), optional_path(params.checkpoint))
    kept = _checkpoints(settings, sources, device, *filter(None, read))
    run = Run(device=device, track=track, label="vlp", checkpoints=kept)
    found = project(settings, towers, table, encode, run)
    return Model(
        _arrays(found.joined.model),
        found.joined.config,
        found.joined.tokenizer,
        found.history,
        kept,
        found.classifier,
        found.metrics,
    )


def _checkpoints(settings: Tiny | Lit, sources: Sources, device: str, *read: Path) -> Checkpoints:
    state = {
        "settings": settings.model_dump(),
        "read": [file_digest(path) for path in (sources.samples_file, sources.images, *read)],
        "code": code_digest(__name__),
        "versions": [torch.__version__, open_clip.__version__],
        "device": device,
    }
    return Checkpoints(sources.checkpoints / digest(state))


def _arrays(model: torch.nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
