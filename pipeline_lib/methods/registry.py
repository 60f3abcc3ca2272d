"""The catalogue of methods. A new method is a package beside this file and an entry here.

Training does not read it (pipeline_lib/steps/train/loading.py finds a method by its name), so that
a new entry trains nothing anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline_lib.targets import Target

MAPS = "data/artifacts/maps/tags"  # one backbone's, whatever a run predicts
VLP = "data/artifacts/vlp/towers"
TEXT = "data/artifacts/text/{target}/embeddings.safetensors"
GRAPH = "data/artifacts/category_graph/{target}/graph.safetensors"
NEIGHBOURS = "data/artifacts/category_graph/{target}/neighbours.safetensors"


@dataclass(frozen=True)
class Control:
    """The placebo of one module: a run at equal cost in which what it learned is replaced.

    A gain of the module is claimed only over this run, not over the row without the module, which
    has fewer weights and one chance less.
    """

    name: str  # behind that of the run whose placebo it is: "gmc_mean" of "sigrl"
    module: str  # the key of the settings that switches the module
    title: str  # what stands in the place of what
    settings: Mapping[str, Any] = field(hash=False)  # by dotted key, what the run has instead


@dataclass(frozen=True)
class Method:
    """What users and commands need to know of a method without importing it."""

    name: str
    title: str
    paper: str
    targets: tuple[Target, ...]  # what it can predict; the first by default
    input: str = "data/artifacts/ingest/images.safetensors"  # pixels, or what was made of
    # them; {target} is the run's. The stages that a run needs follow from what it reads
    text: str = "data/none"  # vectors of the names of what it predicts, likewise
    knowledge: str = "data/none"  # what else it learns from, likewise
    weights: str = "data/none"  # what it starts from
    compared_with: tuple[str, ...] = ()  # methods whose runs on the same backbone are the reference
    controls: tuple[Control, ...] = ()  # of its modules
    pools: bool = False  # where on a map something lies is nothing to it: mirrored ones are equal


METHODS = {
    method.name: method
    for method in (
        Method(
            name="base",
            title="Base: a backbone and a linear classifier",
            paper="the first row of every table",
            targets=("classes", "tags"),
            pools=True,
        ),
        Method(
            name="csrms",
            title="CSRMS: class-level structural relation modelling and smoothing",
            paper="Chen et al., ACM Multimedia 2023",
            targets=("classes",),
            knowledge="data/artifacts/relations/{target}/knowledge.safetensors",
            compared_with=("base",),
            controls=(
                Control(
                    "neighbours_lot",
                    module="smoothing",
                    title="another image of the bank in the place of each neighbour",
                    settings={"smoothing.placebo": "lot"},
                ),
                Control(
                    "prototypes_mean",
                    module="alignment",
                    title="the mean of all prototypes in the place of each",
                    settings={"alignment.placebo": "mean"},
                ),
                Control(
                    "positives_lot",
                    module="weights.positives",
                    title="positives by lot, of the class, in the place of those of its clusters",
                    settings={"positives.placebo": "lot"},
                ),
                Control(
                    "negatives_lot",
                    module="weights.nega",
                    title="negatives by lot, of other classes, in the place of the nearest",
                    settings={"negatives.placebo": "lot"},
                ),
                Control(
                    "curriculum_lot",
                    module="curriculum",
                    title="another image's difficulty in the place of each",
                    settings={"curriculum.placebo": "lot"},
                ),
            ),
        ),
        Method(
            name="vscnet",
            title="VSCNet: visual-semantic causal associations of regions, tags and exemplars",
            paper="Meng et al., AAAI 2025",
            targets=("classes",),
            input="data/artifacts/exemplars/{target}",
            knowledge="data/artifacts/exemplars/{target}/knowledge.safetensors",
            compared_with=("base",),
            controls=(
                Control(
                    "lattice",
                    "modules.locate",
                    "as many boxes of equal size that never move for CSNet's",
                    {"modules.locate": True, "regions.boxes": "lattice"},
                ),
                Control(
                    "l_mean",
                    "modules.locate",
                    "the mean of an image's regions for each of them",
                    {"modules.locate": True, "regions.boxes": "mean"},
                ),
                Control(
                    "k_another",
                    "modules.knowledge",
                    "another image's exemplars for the matched ones",
                    {"modules.knowledge": True, "placebo.knowledge": "another"},
                ),
                Control(
                    "g_lot",
                    "modules.graph",
                    "as many edges by lot for those of the graph",
                    {"modules.graph": True, "placebo.graph": "lot"},
                ),
                Control(
                    "c_mean",
                    "modules.causal",
                    "the masks' mean for the masks",
                    {"modules.causal": True, "placebo.causal": "mean"},
                ),
                Control(
                    "f_another",
                    "modules.fusion",
                    "another image's P_k for its own",
                    {"modules.fusion": True, "placebo.fusion": "another"},
                ),
            ),
        ),
        Method(
            name="dlsa",
            title="DLSA: recognition driven by label-image semantic alignment",
            paper="Chen, Wu, Chu",
            targets=("tags",),
            input=MAPS,
            text=TEXT,
            knowledge=GRAPH,
            compared_with=("base",),
            controls=(
                Control(
                    "prior_lot",
                    "prior",
                    "the same graph, of other labels: drawn once by lot",
                    {"prior.placebo": "lot"},
                ),
                Control(
                    "attention_mean",
                    "decoupling",
                    "one attention map for all labels, the mean of theirs",
                    {"decoupling.placebo": "mean"},
                ),
                Control(
                    "layers",
                    "reasoning",
                    "two layers of as many weights, which see one label at a time",
                    {"reasoning.placebo": "layers"},
                ),
                Control(
                    "message_mean",
                    "reasoning",
                    "one message for all labels, the mean of theirs",
                    {"reasoning.placebo": "mean"},
                ),
            ),
        ),
        Method(
            name="ml_gcn",
            title="ML-GCN: classifiers from a graph convolution over label names",
            paper="Chen et al., CVPR 2019",
            targets=("tags",),
            input=MAPS,
            text=TEXT,
            knowledge=GRAPH,
            compared_with=("base",),
            pools=True,
        ),
        Method(
            name="ssgrl",
            title="SSGRL: semantic-specific graph representation learning",
            paper="Chen et al., ICCV 2019",
            targets=("tags",),
            input=MAPS,
            text=TEXT,
            knowledge=GRAPH,
            compared_with=("base",),
        ),
        Method(
            name="clip",
            title="CLIP: a vision-language model as it is",
            paper="Radford et al., ICML 2021",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            pools=True,
        ),
        Method(
            name="conse",
            title="ConSE: mixtures of the class names that the image trunk was trained with",
            paper="Norouzi et al., ICLR 2014",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            compared_with=("clip",),
            pools=True,
        ),
        Method(
            name="conse_clip",
            title="ConSE + CLIP: both scores, standardised over images",
            paper="a baseline of all that is trained",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            compared_with=("conse", "clip"),
            pools=True,
        ),
        Method(
            name="sparc",
            title="SPARC: score prompting and adaptive fusion",
            paper="Miller et al., CVPR 2025",
            targets=("tags",),
            text=TEXT,
            knowledge=NEIGHBOURS,
            weights=VLP,
            compared_with=("clip",),
            pools=True,
        ),
        Method(
            name="clip_ft",
            title="CLIP-FT: its image tower fine-tuned by the ranking loss",
            paper="a baseline of MKT and SigRL",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            compared_with=("clip",),
            pools=True,
        ),
        Method(
            name="mkt",
            title="MKT: multi-modal knowledge transfer",
            paper="He et al., AAAI 2023",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            compared_with=("clip_ft", "clip"),
            pools=True,
        ),
        Method(
            name="c2srt",
            title="C2SRT: category-adaptive semantic refinement and transfer",
            paper="Liu et al.",
            targets=("tags",),
            text=TEXT,
            knowledge=NEIGHBOURS,
            weights=VLP,
            compared_with=("clip_ft", "clip"),
            pools=True,
            controls=(
                Control(
                    name="isr_lot",
                    module="isr",
                    title="each label gets the patches that fit another",
                    settings={"isr.placebo": "lot"},
                ),
                Control(
                    name="ist_mean",
                    module="ist",
                    title="each label hears the mean of what all hear",
                    settings={"ist.placebo": "mean"},
                ),
                Control(
                    name="ist_lot",
                    module="ist",
                    title="each label hears what another hears",
                    settings={"ist.placebo": "lot"},
                ),
            ),
        ),
        Method(
            name="sigrl",
            title="SigRL: semantic-guided representation learning on a vision-language model",
            paper="Zhang et al.",
            targets=("tags",),
            text=TEXT,
            weights=VLP,
            compared_with=("clip_ft", "clip"),
            pools=True,
            controls=(
                Control(
                    name="gmc_mean",
                    module="correlation",
                    title="each label hears the mean of what all hear",
                    settings={"correlation.placebo": "mean"},
                ),
                Control(
                    name="gmc_lot",
                    module="correlation",
                    title="each label hears what another hears",
                    settings={"correlation.placebo": "lot"},
                ),
                Control(
                    name="sda_mean",
                    module="decoupling",
                    title="each label sees the mean of what all see",
                    settings={"decoupling.placebo": "mean"},
                ),
                Control(
                    name="sda_lot",
                    module="decoupling",
                    title="each label sees what another sees",
                    settings={"decoupling.placebo": "lot"},
                ),
                Control(
                    name="vfr_mean",
                    module="reconstruction",
                    title="patches are rewritten by equal shares",
                    settings={"reconstruction.placebo": "mean"},
                ),
                Control(
                    name="vfr_another",
                    module="reconstruction",
                    title="patches are rewritten by what another image's labels saw",
                    settings={"reconstruction.placebo": "another"},
                ),
            ),
        ),
    )
}


def control_of(method: str, settings: Mapping[str, Any]) -> Control | None:
    """Return the control that a run of a method with such settings is, if it is one."""
    for control in METHODS[method].controls if method in METHODS else ():
        if all(_at(settings, key) == value for key, value in control.settings.items()):
            return control
    return None


def _at(settings: Mapping[str, Any], key: str) -> Any:
    found: Any = settings
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
