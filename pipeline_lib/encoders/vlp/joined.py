"""A frozen trunk and a frozen sentence encoder as one model of open_clip's, to be projected."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from open_clip.hf_configs import arch_dict
from open_clip.hf_model import HFTextEncoder
from open_clip.model import CustomTextCLIP
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer
from torch import Tensor, nn

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.vlp import TEXT_CONFIG, TEXT_FILE, TEXT_FOLDER
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.text import sentence
from pipeline_lib.encoders.vlp.trunk import Trunk
from pipeline_lib.encoders.window import OPEN_CLIP_MODES
from pipeline_lib.errors import InputError
from pipeline_lib.nn.state import difference

# Sentence-Transformers' words for pooling, in open_clip's; its max_pooler fails on its own mask.
POOLERS = {"mean": "mean_pooler", "cls": "cls_last_hidden_state_pooler"}
PARTS = ("Transformer", "Pooling", "Normalize")  # all that a tower of open_clip's can hold


@dataclass(frozen=True)
class Sentences:
    """A sentence encoder as a text tower of open_clip's is built of it."""

    transformer: nn.Module  # of transformers
    tokenizer: Any  # of transformers
    pooler: str  # as open_clip calls it
    context: int  # tokens that are read of a text

    @property
    def dims(self) -> int:
        """Length of its vectors."""
        config: Any = self.transformer.config
        return int(getattr(config, arch_dict[config.model_type]["config_names"]["width"]))

    @property
    def config(self) -> dict[str, Any]:
        """What open_clip is told of it."""
        return {
            "context_length": self.context,
            "hf_model_name": TEXT_FOLDER,
            "hf_tokenizer_name": TEXT_FOLDER,
            "hf_pooler_type": self.pooler,
            "hf_proj_type": "linear",
        }

    @property
    def text_config(self) -> dict[str, Any]:
        """The transformer's own configuration, without its place on this machine."""
        config: Any = self.transformer.config
        return {k: v for k, v in config.to_dict().items() if k != "_name_or_path"}


def sentences_of(folder: Path | None) -> Sentences:
    """Read a sentence encoder.

    Raises:
        InputError: there is none, or open_clip cannot build it.
    """
    found = sentence.load(folder, "cpu", "vlp")
    parts = [type(part).__name__ for part in found]
    if not set(parts) <= set(PARTS) or parts[:2] != list(PARTS[:2]):
        raise _unfit(folder, f"consists of {', '.join(parts)}", f"{', '.join(PARTS)} at most")
    transformer, pooling = found[0], found[1]
    if pooling.pooling_mode not in POOLERS:
        raise _unfit(folder, f"pools by {pooling.pooling_mode}", " or ".join(POOLERS))
    if (kind := transformer.auto_model.config.model_type) not in arch_dict:
        raise _unfit(folder, f"is of kind {kind}", ", ".join(sorted(arch_dict)))
    if found.default_prompt_name is not None:
        prompt = found.prompts[found.default_prompt_name]
        raise _unfit(folder, f"begins every text with {prompt!r}", "one that reads texts as such")
    return Sentences(
        transformer.auto_model,
        transformer.tokenizer,
        POOLERS[pooling.pooling_mode],
        min(found.max_seq_length or DEFAULT_CONTEXT_LENGTH, DEFAULT_CONTEXT_LENGTH),
    )


@dataclass(frozen=True)
class Joined:
    """The model, with projections still random, and what has to be kept to build it again."""

    model: CustomTextCLIP
    config: dict[str, Any]  # as artifacts/vlp.py writes it
    tokenizer: HFTokenizer


def join(trunk: Trunk, sentences: Sentences, features: int, where: Path) -> Joined:
    """Build the model of both.

    Args:
        trunk: of the images.
        sentences: of the texts, in whose space both meet.
        features: length of the trunk's vectors.
        where: the folder that they lie in.

    Raises:
        InputError: open_clip builds the trunk otherwise than it was when it made the vectors.
    """
    vision = {
        "image_size": trunk.preprocess.size,
        "timm_model_name": trunk.model,
        "timm_pool": "",
        "timm_proj": "linear",
    }
    model = _built(vision, sentences)
    visual: Any = model.visual
    wrong = difference(visual.trunk.state_dict(), trunk.state)
    if wrong or visual.head.proj.in_features != features:
        found = wrong or f"gives {features} numbers, not {visual.head.proj.in_features}"
        raise InputError(
            f"{where} (vlp.vectors): open_clip cannot build its network '{trunk.model}' at "
            f"{trunk.preprocess.size} pixels: that of the vectors {found}; choose another backbone "
            "or its own image_size"
        )
    visual.trunk.load_state_dict(trunk.state)
    _fill(model.text, sentences)
    visual.preprocess_cfg = _preprocessing(trunk.preprocess)
    written = {
        "model_cfg": {
            "embed_dim": sentences.dims,
            "vision_cfg": vision,
            "text_cfg": sentences.config,
        },
        "preprocess_cfg": {k: v for k, v in visual.preprocess_cfg.items() if k != "size"},
        TEXT_CONFIG: sentences.text_config,
    }
    return Joined(model.eval(), written, tokenizer_of(sentences))


def _built(vision: dict[str, Any], sentences: Sentences) -> CustomTextCLIP:
    """Build both towers with random weights."""
    with _as_files(sentences) as place:
        here = {"hf_model_name": place, "hf_model_pretrained": False}
        return CustomTextCLIP(sentences.dims, dict(vision), sentences.config | here)


def text_tower(sentences: Sentences) -> HFTextEncoder:
    """Return the text tower without projection."""
    config: Any = sentences.transformer.config
    found = HFTextEncoder("", sentences.dims, config=config, pooler_type=sentences.pooler)
    _fill(found, sentences)
    return found


def tokenizer_of(sentences: Sentences) -> HFTokenizer:
    """Return open_clip's tokenizer: called with texts, it gives (texts, context) int64."""
    with _as_files(sentences) as place:
        found = HFTokenizer(place, context_length=sentences.context)
    found.tokenizer.name_or_path = found.tokenizer.init_kwargs["name_or_path"] = ""
    return found


@contextmanager
def _as_files(sentences: Sentences) -> Iterator[str]:
    """Write configuration and words where open_clip reads them: it takes neither as it is."""
    with TemporaryDirectory() as place:
        write_json(Path(place) / TEXT_FILE, sentences.text_config)
        sentences.tokenizer.save_pretrained(place)
        yield place


def _fill(text: Any, sentences: Sentences) -> None:
    """Give the text tower the encoder's weights; a pooler that nothing uses is left out."""
    own = text.transformer.state_dict()
    state: dict[str, Tensor] = {
        name: value for name, value in sentences.transformer.state_dict().items() if name in own
    }
    text.transformer.load_state_dict(state)


def _preprocessing(preprocess: Preprocess) -> dict[str, Any]:
    """Return what open_clip knows of a trunk's preprocessing; it cannot crop what it resized."""
    modes = {timms: open_clips for open_clips, timms in OPEN_CLIP_MODES.items()}
    return {
        "size": preprocess.size,
        "mean": list(preprocess.mean),
        "std": list(preprocess.std),
        "interpolation": preprocess.interpolation,
        "resize_mode": modes[preprocess.crop_mode],
    }


def _unfit(folder: Path | None, found: str, expected: str) -> InputError:
    return InputError(
        f"{folder} (vlp.sentences): {found}, expected {expected}, of which open_clip can make a "
        "text tower; choose another sentence encoder"
    )
