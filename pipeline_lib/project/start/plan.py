"""Which preset with which changes fits a data set, and why: no more than a user could type."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.datasets.image_folder import NAME as FOLDER
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.project.backbone_choice import Choice
from pipeline_lib.project.presets import text_of
from pipeline_lib.project.start.survey import Survey
from pipeline_lib.project.start.weights import MODEL
from pipeline_lib.project.switching import switched

PHOTOGRAPH = 96  # pixels of the shorter side; CIFAR has 32, STL-10, the largest of its kind, 96
PHOTOS, SMALL = "image-folder", "image-folder-lenet5"  # presets
SMALLEST, LARGEST = 16, 64  # pixels that LeNet-5 is given: its least, and what its presets take
TAGS = "scratch_tags"  # a run of Base on pictures, as `base` is for classes
GRID = 256  # pixels that give 8 x 8 cells at a stride of 32, the least that csnet.min_grid wants
UNREADABLE = 0.01  # share of bad pictures that presets allow
# What no caption is needed for is what preset image-folder says; this is the default's.
OF_CAPTIONS = {
    "text.source": {
        "name": "vlp",
        "prompts": ["There is a {} in the scene", "A photo of a {}", "a {}"],
    },
    "text.path": "data/artifacts/vlp/towers",
    "category_graph.beside": ["similarity", "random", "wordnet"],
    "category_graph.similarity": {"most": 16, "at_least": 0.0},
    "category_graph.random": {"most": 16, "seed": 0},
    "category_graph.wordnet": {"senses": 2, "at_least": 0.2},
    "category_graph.paths.wordnet": "data/wordnet/nouns.xml.xz",
}
# README, "Two commands"
PAYS = (
    "On 1,512 photographs of ten dishes a frozen pretrained MobileNetV2 told 70.0 % of the test "
    "images right, LeNet-5 from scratch 35.0 % (README.md)"
)


@dataclass(frozen=True)
class Offer:
    """A run that fits the data and is made on demand."""

    run: str
    with_: tuple[str, ...]  # runs that are switched on before it, which it is compared with
    title: str
    evidence: str  # what was measured of it, with its source
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[str, ...]:
        """All runs that it brings."""
        return (*self.with_, self.run)


@dataclass(frozen=True)
class Plan:
    """A preset, what is changed of it, and what could be run besides."""

    preset: str
    changes: dict[str, Any]
    choice: Choice
    on: tuple[str, ...]  # runs to switch on, as `protoweave methods --enable` takes them
    off: tuple[str, ...]  # runs of the preset to switch off
    runs: tuple[str, ...]  # that are on in the end
    why: tuple[str, ...]  # sentences
    offers: tuple[Offer, ...]  # that are not among the runs

    def text(self, presets: Path, params: Path, *, path: str, more: Sequence[Offer] = ()) -> str:
        """Return params.yaml for data at ``path``, with further offers switched on.

        Raises:
            InputError: as ``text_of``.
        """
        changes = {"dataset.path": path, **self.changes}
        changes |= {key: value for offer in more for key, value in offer.changes.items()}
        text = text_of(presets, self.preset, changes, self.choice)
        document = YAML(typ="safe").load(text)
        enable = _distinct([*self.on, *(run for offer in more for run in offer.runs)])
        done = switched(text, document, params, enable=enable, disable=self.off, presets=presets)
        return done.text

    def commands(self, data: str) -> Iterator[str]:
        """Yield the commands that give the same params.yaml."""
        yield " ".join(["protoweave use", self.preset, "--data", data, *self._options()])
        switches = [*(f"--enable {r}" for r in self.on), *(f"--disable {r}" for r in self.off)]
        if switches:
            yield " ".join(["protoweave methods", *switches])

    def _options(self) -> Iterator[str]:
        given = {
            "--backbone": self.choice.model,
            "--weights": self.choice.weights,
            "--image-size": self.choice.image_size,
        }
        yield from (f"{name} {value}" for name, value in given.items() if value is not None)
        if self.choice.pretrained:
            yield "--pretrained"
        yield from (f"--set '{key}={_flow(value)}'" for key, value in self.changes.items())


@dataclass(frozen=True)
class Wishes:
    """What the user said."""

    model: str | None = None
    weights: str | None = None  # a checkpoint
    online: bool = False  # the weights that timm publishes may be fetched, or are cached
    image_size: int | None = None
    extra: tuple[str, ...] = ()  # runs of the offers


def plan(found: Survey, wishes: Wishes) -> Plan:
    """Choose what to run.

    Raises:
        InputError: a wish that this data set does not allow, with what it does.
    """
    pretrained = found.side > PHOTOGRAPH and bool(wishes.weights or wishes.online)
    known = {offer.run: offer for offer in _offers(found, pretrained)}
    strange = [run for run in wishes.extra if run not in known]
    if strange:
        raise InputError(
            f"--with {strange[0]}: does not fit this data set{nearest(strange[0], known)}; "
            f"{_fitting(known)}"
        )
    asked = [known[run] for run in wishes.extra]
    own = _frozen(found, wishes, asked) if pretrained else _from_scratch(found, wishes)
    more = {key: value for offer in asked for key, value in offer.changes.items()}
    extra = [run for offer in asked for run in offer.runs]
    return Plan(
        preset=own.preset,
        changes=_of_data(found) | own.changes | more,
        choice=own.choice,
        on=tuple(_distinct([*own.on, *extra])),
        off=tuple(run for run in own.off if run not in extra),
        runs=tuple(_distinct([*own.runs, *extra])),
        why=own.why,
        offers=tuple(offer for run, offer in known.items() if run not in wishes.extra),
    )


def _frozen(found: Survey, wishes: Wishes, asked: Sequence[Offer]) -> Plan:
    """A linear classifier of a frozen, pretrained backbone for each of classes and tags."""
    model = wishes.model or MODEL
    size = wishes.image_size
    if size is None and any(offer.run == "vscnet" for offer in asked):
        size = GRID
    elif size is None and model != MODEL:
        size = 0
    on = ("base_tags",) * found.has_tags
    off = ("base_maps",) * (not found.has_classes)
    return Plan(
        preset=PHOTOS,
        changes={},
        choice=Choice(wishes.model, wishes.online, wishes.weights, size),
        on=on,
        off=off,
        runs=(*("base_maps",) * found.has_classes, *on),
        why=(
            f"pictures of {found.side:.0f} pixels are photographs: a frozen pretrained {model} "
            f"with a linear classifier. {PAYS}",
        ),
        offers=(),
    )


def _from_scratch(found: Survey, wishes: Wishes) -> Plan:
    """LeNet-5, trained from scratch at the pictures' own size where they are small."""
    photos = found.side > PHOTOGRAPH
    own = int(found.side) if found.uniform and SMALLEST <= found.side <= LARGEST else LARGEST
    size = wishes.image_size or own
    tags = (f"{TAGS}=base@tags",) * found.has_tags
    off = ("base",) * (not found.has_classes)
    reason = (
        f"pictures of {found.side:.0f} pixels are photographs, and no weights of "
        f"{wishes.model or MODEL} are here: LeNet-5 from scratch at {size} pixels. {PAYS}"
        if photos
        else f"pictures of {found.side:.0f} pixels are small: LeNet-5 from scratch at {size} pixels"
    )
    model = None if photos else wishes.model
    return Plan(
        preset=SMALL,
        changes={},
        choice=Choice(model, False, None, size if size != LARGEST or wishes.image_size else None),
        on=tags,
        off=(*off, "csrms"),
        runs=(*("base",) * found.has_classes, *(TAGS,) * found.has_tags),
        why=(reason,),
        offers=(),
    )


def _of_data(found: Survey) -> dict[str, Any]:
    """Say what of the section `dataset` this data set has otherwise than the preset."""
    changes: dict[str, Any] = {} if found.format == FOLDER else {"dataset.format": found.format}
    if found.tests_on_val:
        changes["dataset.test_share"] = 0.0  # what is shipped as val is tested on
    if found.bad > UNREADABLE / 2:  # of few that were looked at, twice as many may be bad
        changes["dataset.max_rejected"] = min(1.0, round(2 * found.bad + UNREADABLE, 2))
    return changes


def _offers(found: Survey, pretrained: bool) -> Iterator[Offer]:
    if found.has_classes:
        yield Offer(
            "csrms",
            ("base",),
            "CSRMS: class-level relations of training images",
            "gained nothing at equal cost: 18.5 points behind plain training for as many images "
            "on `scenes`, where it gains per epoch (README.md, First results)",
        )
    if found.has_classes and found.has_tags and pretrained:
        yield Offer(
            "vscnet",
            ("base_maps",),
            "VSCNet: regions, tags and exemplars",
            "nothing that is shown on test of `scenes` (-0.3: -0.8 to +0.1), +2.2 under a "
            "background shift against its own base (README.md, First results)",
        )
    if found.has_tags and pretrained:
        yield Offer(
            "dlsa",
            ("base_tags",),
            "DLSA: tags and their graph",
            "+5.0 mAP (4.1 to 6.0) on `scenes`, drawn pictures (README.md, First results); on "
            "photographs weigh it against base_tags, with which the report compares it",
        )
    if found.captions and found.has_tags:
        for run, title in (("c2srt", "C2SRT"), ("sigrl", "SigRL")):
            yield Offer(
                run,
                ("clip",),
                f"{title}: open vocabulary, towers trained on your captions",
                "gains on all labels together (+4.8, +6.6 mAP on `scenes`), nothing that is shown "
                "on unseen ones (README.md, First results)",
                OF_CAPTIONS,
            )


def _distinct(runs: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(runs))


def _fitting(known: dict[str, Offer]) -> str:
    return f"--with takes {', '.join(known)}" if known else "nothing else fits it"


def _flow(value: Any) -> str:
    """Return a value as YAML in one line."""
    from io import StringIO

    yaml, out = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = True
    yaml.width = 10_000
    yaml.dump([value], out)
    return out.getvalue().strip()[1:-1]
