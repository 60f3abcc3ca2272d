"""Names that no vocabulary holds, for a trained open-vocabulary run (C2SRT, Fig. 8).

A name has what an unseen label of the data set would have: a vector by the same text tower and
prompts, and, where labels inform each other over a category graph, the seen ones that inform it
most, by the same source (C2SRT, Sec. 3.4). Nothing is trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.scores import KNOWLEDGE, WEIGHTS
from pipeline_lib.datasets.label_names import doubled
from pipeline_lib.datasets.names import clean
from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary
from pipeline_lib.knowledge.categories.edges import Categories
from pipeline_lib.knowledge.categories.sources import Asked
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.text import Text, Vlp
from pipeline_lib.progress import Track, silent
from pipeline_lib.steps.category_graph import neighbours_by
from pipeline_lib.steps.text import Embedded, embed
from pipeline_lib.training.network import Network

ANSWERS = Path(".protoweave/llm")  # of a language model, as dvc.yaml names it
TOLERANCE = 1e-4  # of cosines: vectors of one name by one model, on this machine and another
SAME_LISTS = 0.99  # of the trained names: rounding may exchange neighbours that are equally strong


@dataclass(frozen=True)
class Trained:
    """A trained run, as the file of its weights tells of it."""

    weights: Path
    root: Path  # where paths begin
    network: Network
    device: str

    @cached_property
    def header(self) -> dict[str, Any]:
        """What the file says of itself."""
        with WEIGHTS.opened(self.weights) as (_, header):
            return header

    @property
    def vectors(self) -> np.ndarray:
        """Those of the trained names, (names, dims), of all prompts together."""
        with WEIGHTS.opened(self.weights) as (file, _):
            found: np.ndarray = file.get_tensor(f"{KNOWLEDGE}/embeddings")
            return found


def cleaned(names: Sequence[str]) -> list[str]:
    """Return names spelt as those of data sets are.

    Raises:
        InputError: there is none, one is empty, or two are the same.
    """
    found = [clean(name) for name in names]
    if not all(found) or not found:
        raise InputError(
            f"names: found {list(names)!r}, expected at least one, none of them empty; mend them"
        )
    if twice := doubled(found):
        raise InputError(f"names: '{twice[0]}' stands there twice, expected every name once")
    return found


def ask(trained: Trained, names: Sequence[str], *, track: Track = silent) -> OpenNetwork:
    """Return the trained network, asked for these names in this order.

    Args:
        trained: the run.
        names: any, cleaned; those that it was trained for are what they were.
        track: shows what a language model is asked.

    Raises:
        InputError: the run knows its labels by number, its file does not say how names become
            vectors, or nothing says what informs a new name.
    """
    header, network = trained.header, _open(trained)
    known = {name: place for place, name in enumerate(header["names"])}
    new = [name for name in names if name not in known]
    vocabulary = network.vocabulary
    if new:
        vocabulary = _with_new(trained, network, new, track)
    places = known | {name: len(known) + number for number, name in enumerate(new)}
    return network.of_labels(vocabulary, torch.tensor([places[name] for name in names]))


def _open(trained: Trained) -> OpenNetwork:
    if isinstance(trained.network, OpenNetwork):
        return trained.network
    header = trained.header
    raise InputError(
        f"run '{header['run']}': method {header['method']} has weights for each of its "
        f"{len(header['names'])} names and none for others, expected a method that is told names "
        "by text (clip, conse, clip_ft, c2srt, …); name such a run"
    )


def _with_new(
    trained: Trained, network: OpenNetwork, new: Sequence[str], track: Track
) -> Vocabulary:
    found = _embedded(trained, network, new)
    rows = {name: torch.from_numpy(found.more[name]).long() for name in ("tokens", "places")}
    lists = _neighbours(trained, network, new, found.vectors, track)
    there, made = network.texts.device, None
    if network.compounds_of is not None:
        told = [*trained.header["names"], *new]
        made = network.compounds_of(new, torch.from_numpy(lists), told).to(there)
    vocabulary = network.vocabulary
    return vocabulary.with_more(
        _texts(trained, network, found).to(there),
        rows["tokens"].to(there),
        rows["places"].to(there),
        torch.from_numpy(lists).long().to(there),
        made,
    )


def _embedded(trained: Trained, network: OpenNetwork, new: Sequence[str]) -> Embedded:
    """Embed new names; a trained one beside them tells whether model and prompts are the run's."""
    header = trained.header
    if not header.get("prompts"):
        raise InputError(
            f"{trained.weights}: does not say which prompts stood around its names, as files of "
            "older versions, so that no other name can have a vector; re-run `dvc repro train`"
        )
    source = Vlp(name="vlp", prompts=header["prompts"])
    folder = str(trained.root / header["start"]["path"])
    first = header["names"][0]
    text = Text(source=source, path=folder, normalise=True)
    found = embed([first, *new], text, trained.device)
    cosine = float(_texts(trained, network, _row(found, slice(0, 1)))[0] @ network.texts[0].cpu())
    if cosine < 1 - TOLERANCE:
        raise InputError(
            f"{folder}: gives '{first}' another vector (cosine {cosine:.4f}) than run "
            f"'{header['run']}' was trained with, expected the model of `text.path`; set it to "
            "the run's `weights` and re-run `dvc repro train`"
        )
    return _row(found, slice(1, None))


def _row(found: Embedded, rows: slice) -> Embedded:
    more = {name: array[rows] for name, array in found.more.items()}
    return Embedded(found.vectors[rows], found.missing, more)


@torch.no_grad()
def _texts(trained: Trained, network: OpenNetwork, found: Embedded) -> Tensor:
    """Return what stands for the names in the network, (names, dims) of unit length."""
    if network.prompt is not None:
        tokens, places = (
            torch.from_numpy(found.more[name]).long().to(network.texts.device)
            for name in ("tokens", "places")
        )
        return network.prompt.vectors(tokens, places).cpu()
    ensemble = trained.header["settings"]["prompts"]["name"] == "ensemble"
    return F.normalize(torch.from_numpy(found.vectors if ensemble else found.more["simple"]), dim=1)


def _neighbours(
    trained: Trained, network: OpenNetwork, new: Sequence[str], vectors: np.ndarray, track: Track
) -> np.ndarray:
    """Return the seen labels that inform each new name, (new, most); none where nobody asks."""
    if network.relation is None:
        return np.empty((len(new), network.neighbours.shape[1]), np.int32)
    header, params = trained.header, trained.root / "params.yaml"
    samples = trained.root / header["reads"]["samples"]
    if missing := [path for path in (samples, params) if not path.exists()]:
        raise InputError(
            f"{missing[0]}: is not there, and run '{header['run']}' is told by the labels of its "
            "training images what informs a new name, expected the checkout that it was trained "
            "in; there, `protoweave export RUN --to` with --names exports it for new names"
        )
    table = read_samples(samples)
    seen = np.append(network.seen.cpu().numpy(), np.zeros(len(new), bool))
    names = [*header["names"], *new]
    categories = Categories(names, seen, np.concatenate([trained.vectors, vectors]))
    labels = table.samples[header["target"]][table.train]
    settings = CategoryGraph.load("category_graph", params)
    settings = settings.model_copy(update={"paths": settings.paths.below(trained.root)})
    asked = Asked(categories, labels, settings, trained.root / ANSWERS, track)
    found = neighbours_by(network.relation, asked)
    _check_lists(found[: -len(new)], network.neighbours.cpu().numpy(), header["run"], params)
    return found[-len(new) :]


def _check_lists(found: np.ndarray, trained: np.ndarray, run: str, params: Path) -> None:
    """Refuse a graph that is not the one of training, in which new names would mean nothing."""
    same = found.shape == trained.shape and (found == trained).all(1).mean()
    if same < SAME_LISTS:
        raise InputError(
            f"{params}: category_graph gives {1 - same:.0%} of the trained names other neighbours "
            f"than run '{run}' was trained with, expected the same; restore the section, or "
            "re-run `dvc repro train`"
        )
