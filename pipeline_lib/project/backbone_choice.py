"""What `protoweave use --backbone`, `--pretrained`, `--weights` and `--image-size` change."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.sections import SECTIONS, backbones, models_of
from pipeline_lib.project.selection import RUNS, needed
from pipeline_lib.project.stages import made_by, value
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.targets import TARGETS

BASELINE = "baseline"  # whose network others may take as it is
INGEST, FEATURES = "ingest", "features"


@dataclass(frozen=True)
class _Place:
    """A backbone in a document."""

    section: str
    backbone: Any  # its mapping
    holder: Any  # the mapping whose key `weights` says where it starts; None: nothing does
    used: bool  # whether a run or a shared stage builds it

    @property
    def starts(self) -> bool:
        """Whether the choice of weights is about it: features may be those of a trained network."""
        if self.holder is None:
            return False
        made = made_by(str(self.holder.get("weights", NOTHING)), f"{self.section}.weights")
        return self.section != FEATURES or made is None or made[0] != BASELINE


@dataclass(frozen=True)
class Choice:
    """One backbone for every section that builds one; None leaves what the preset says."""

    model: str | None = None
    pretrained: bool = False
    weights: str | None = None  # a local checkpoint
    image_size: int | None = None

    def apply(self, document: Any, preset: str) -> None:
        """Put the choice into a params.yaml document.

        Raises:
            InputError: two sources of weights, no backbone to choose for, weights that are not
                published, or a checkpoint for several models.
        """
        if self.pretrained and self.weights:
            raise InputError(
                "--pretrained and --weights: expected one source of weights; drop one of them"
            )
        if not self._options:
            return
        places = list(_places(document))
        used = [place for place in places if place.used]
        if not used:
            raise InputError(
                f"{', '.join(self._options)}: preset '{preset}' builds no timm backbone, since its "
                "runs start from a vision-language model; drop the option, or choose that model "
                "by --set vlp.source=…, vlp.checkpoint=…"
            )
        for place in places:
            self._change(place, document[place.section])
        models = {place.backbone["model"] for place in used}
        for place in places:  # one that a run enabled later would use may be of another model
            if place.starts and place.backbone["model"] in models:
                self._start(place)
        _follow(document)
        self._check(used)

    @property
    def _options(self) -> list[str]:
        given = {
            "--backbone": self.model is not None,
            "--pretrained": self.pretrained,
            "--weights": self.weights is not None,
            "--image-size": self.image_size is not None,
        }
        return [name for name, is_given in given.items() if is_given]

    def _change(self, place: _Place, section: Any) -> None:
        backbone = place.backbone
        if self.model not in (None, backbone["model"]):
            backbone["model"] = self.model
            if "output_stride" in backbone:  # which the other model may not have
                backbone["output_stride"] = 0
            if "layer" in section:  # whose index means another map there
                section["layer"] = "last"
        if self.image_size is not None:
            backbone["image_size"] = self.image_size

    def _start(self, place: _Place) -> None:
        if self.pretrained or self.weights is not None:
            place.backbone["pretrained"] = self.pretrained
            place.holder["weights"] = self.weights or NOTHING

    def _check(self, used: list[_Place]) -> None:
        if self.weights is not None:
            models = {p.backbone["model"]: p.section for p in used if p.starts}
            if len(models) > 1:
                said = " and ".join(f"{m} ({section})" for m, section in models.items())
                raise InputError(
                    f"--weights {self.weights}: the preset builds {said}, and one checkpoint is of "
                    "one model; name that by --backbone"
                )
        if self.model is None and not self.pretrained:
            return
        from pipeline_lib.encoders.vision import check_names  # takes seconds

        for place in used:
            names = Backbone(**{f.name: place.backbone[f.name] for f in fields(Backbone)})
            try:
                check_names(names, None)
            except InputError as error:
                raise InputError(
                    f"{', '.join(self._options)}: {place.section}: {error}; --backbone MODEL "
                    "chooses another model"
                ) from error


def _follow(document: Any) -> None:
    """Let a vision-language model be built on the trunk that makes the vectors it learns from."""
    vectors = value(document, "vlp.vectors")
    made = made_by(vectors, "vlp.vectors") if isinstance(vectors, str) else None
    if made is not None:
        document["vlp"]["checkpoint"] = document[made[0]]["weights"]


def _places(document: Any) -> Iterator[_Place]:
    """Yield every backbone of a document, found by the models that check its sections."""
    runs = document.get(RUNS, {})
    stages = needed(document) if RUNS in document else {}
    for name, section in document.items():
        for path in (found for m in models_of(name, document) for found in backbones(m)):
            backbone = value(section, ".".join(path))
            if not isinstance(backbone, dict):
                continue
            if name in SECTIONS:
                targets = stages.get(name, [])
                used = bool(targets) if path[0] not in TARGETS else path[0] in targets
                starts = isinstance(section.get("weights"), str)
                yield _Place(name, backbone, section if starts else None, used)
            else:
                on_images = name in runs and reads_images(name, runs[name])
                yield _Place(name, backbone, runs[name] if on_images else None, on_images)


def reads_images(name: str, run: Any) -> bool:
    """Say whether a run reads the pixels that `ingest` read, and so builds its backbone."""
    made = made_by(str(run.get("input", f"data/artifacts/{INGEST}")), f"{RUNS}.{name}.input")
    return made is not None and made[0] == INGEST
