"""A run with all that it needs to score pictures, in one folder: its weights as safetensors."""

import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from pipeline_lib.api import Recogniser
from pipeline_lib.api.exported import ASKED
from pipeline_lib.artifacts.exported import FILES, VOCABULARY
from pipeline_lib.artifacts.made import makers
from pipeline_lib.artifacts.scores import KNOWLEDGE, WEIGHTS
from pipeline_lib.families.open_vocabulary.network import OpenNetwork

TOWERS = "towers"  # the vision-language model that a run starts from


def write_bundle(folder: Path, run: Recogniser) -> None:
    """Write one seed's weights, and beside them what made its inputs or lends it parts.

    Raises:
        InputError: something of it is missing or changed.
    """
    arrays, header = WEIGHTS.read(run.weights)
    kept = (f"{run.seed}/", f"{KNOWLEDGE}/")
    own = {name: value for name, value in arrays.items() if name.startswith(kept)}
    about = {k: v for k, v in header.items() if k not in ("artifact", "version", "seeds")}
    about |= _beside(folder, run, header)
    WEIGHTS.write(folder / FILES["safetensors"], own, **about, seeds=[run.seed])
    if run.names != run.trained_names and isinstance(run.model, OpenNetwork):
        _write_vocabulary(folder / VOCABULARY, run.model)


def _beside(folder: Path, run: Recogniser, header: dict[str, Any]) -> dict[str, Any]:
    """Copy the files that the header names, and return where they are now."""
    about: dict[str, Any] = {}
    if "start" in header:
        shutil.copytree(run.root / header["start"]["path"], folder / TOWERS)
        about |= {"start": header["start"] | {"path": TOWERS}}
    if header.get("made") is None:
        return about
    made = []
    for step, path in makers(header["made"], run.root):
        name = f"{step['stage']}.safetensors"
        shutil.copyfile(path, folder / name)
        made.append(step | {"file": name})
    return about | {"made": made}


def _write_vocabulary(path: Path, network: OpenNetwork) -> None:
    """Write what is known of names that were asked for, so that nothing has to embed them again."""
    vocabulary, asked = network.vocabulary, network.asked
    found = {f.name: getattr(vocabulary, f.name) for f in fields(vocabulary)}
    arrays = {name: value for name, value in found.items() if value is not None}
    if asked is not None:
        arrays[ASKED] = asked
    save_file({n: v.cpu().contiguous().numpy() for n, v in arrays.items()}, path)
