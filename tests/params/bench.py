"""The stages of dvc.yaml, run in this process on a tiny data set, each as seldom as possible."""

import importlib
import inspect
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from safetensors import safe_open

from pipeline_lib.artifacts.tensors import METADATA_KEY
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.selection import entry
from tests.classified import classify
from tests.methods.toy import merged
from tests.presets import default_document
from tests.tiny import tiny
from tests.tiny_wordnet import lmf

# What a header repeats of the settings: a key that reaches nothing else reaches nothing.
REPEATED = ("settings", "dataset", "backbone", "model", "run")
SCENES = {"train": 48, "val": 8, "test": 24, "test_shift": 8}
SMALLER: dict[str, Any] = {
    "dataset": {"unseen": {"by": {"name": "share", "share": 0.1, "seed": 0}}},
    "evaluation": {"embedding_images": 10},
}


@dataclass
class Bench:
    """A folder that looks like a checkout, and what its stages gave so far."""

    folder: Path
    repository: Path
    document: dict[str, Any] = field(init=False)
    made: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        document = default_document()
        for changes in (tiny(SCENES, seeds=[0], epochs=1), SMALLER):
            document = merged(document, changes)
        for name in METHODS:  # a section without a run is tried as its method's
            document["methods"].setdefault(name, entry(METHODS[name]))
        self.document = document
        self.stages = read_yaml(self.repository / "dvc.yaml")["stages"]
        raw = self.folder / "data" / "raw"
        raw.mkdir(parents=True)
        shutil.copytree(self.repository / "data" / "raw" / "scenes", raw / "scenes")
        (self.folder / "data" / "none").write_text("nothing\n")
        shutil.copytree(self.repository / "data" / "answers", self.folder / "data" / "answers")
        nouns = self.folder / self.document["category_graph"]["paths"]["wordnet"]
        nouns.parent.mkdir()
        nouns.write_text(lmf())

    def outcome(self, stage: str, document: dict[str, Any] | None = None) -> dict[str, str]:
        """Return the digests of what a stage writes, or the fault it ends with.

        ``stage`` is a name of dvc.yaml, with @ITEM. With another document than the bench's own
        the outputs go elsewhere, so that later stages read the usual ones.
        """
        if document is None:
            if stage not in self.made:
                for one in self._needed(stage, self.document):
                    self.outcome(one)
                self.made[stage] = self._run(stage, self.document, "")
                if stage == "vlp@towers":  # what a trunk trained here has not, and methods need
                    classify(self.folder / "data" / "artifacts" / "vlp" / "towers")
            return self.made[stage]
        for one in self._needed(stage, document):
            self.outcome(one)
        return self._run(stage, document, "changed/")

    def _definition(self, stage: str, document: dict[str, Any]) -> dict[str, Any]:
        name, _, item = stage.partition("@")
        found = self.stages[name].get("do", self.stages[name])
        values = {"item": item, "key": item}
        if name in ("train", "evaluate"):
            values |= {f"item.{k}": str(v) for k, v in document["methods"][item].items()}

        def filled(match: re.Match[str]) -> str:
            if match[1] in values:
                return values[match[1]]
            value: Any = document
            for key in match[1].split("."):
                value = value[key]
            return str(value)

        text = re.sub(r"\$\{([\w.]+)\}", filled, json.dumps(found))
        return dict(json.loads(text))

    def _needed(self, stage: str, document: dict[str, Any]) -> Iterator[str]:
        """Yield the stages whose outputs a stage reads, a report those of a document's runs."""
        deps = self._definition(stage, self.document)["deps"]
        for dep in (str(d) for d in deps if "data/artifacts/" in str(d)):
            parts = Path(dep).parts
            if parts[2] == "code":
                continue  # no setting is read from it
            if stage.startswith("report"):
                names = document["shared"].get(parts[2], document["methods"])
                yield from (
                    [parts[2]] if parts[2] == "ingest" else [f"{parts[2]}@{n}" for n in names]
                )
            elif dep.startswith("data/artifacts/"):
                yield parts[2] if parts[2] == "ingest" else f"{parts[2]}@{parts[3]}"

    def _run(self, stage: str, document: dict[str, Any], elsewhere: str) -> dict[str, str]:
        found = self._definition(stage, document)
        outs = [
            str(next(iter(o)) if isinstance(o, dict) else o)
            for kind in ("outs", "metrics", "plots")
            for o in found.get(kind, [])
        ]
        with working_in(self.folder):
            shutil.rmtree("changed", ignore_errors=True)
            path = Path(f"{elsewhere or 'data/'}params.yaml")
            path.parent.mkdir(exist_ok=True)
            read = {key.partition(".")[0] for key in found["params"]}
            YAML(typ="safe").dump({key: document[key] for key in read}, path)
            try:
                _call(found["cmd"], outs, elsewhere, path)
            except InputError as error:
                return {"fault": str(error)}
            return {out: _digest(Path(elsewhere + out)) for out in outs}


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Change to a folder and back."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _call(command: str, outs: list[str], elsewhere: str, params: Path) -> None:
    """Call the main function of a stage's script as its command line says."""
    _, _, script, *words = shlex.split(command)
    main = importlib.import_module(script).main
    known = inspect.signature(main).parameters
    given: dict[str, Any] = {}
    positional = list(known)
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            name, value = word[2:].replace("-", "_"), words.pop(0)
            name = name if name in known else f"{name}_"
        else:
            name, value = positional[0], word
            if not _many(known[name]):
                positional.pop(0)
        written = any(out == value or out.startswith(f"{value}/") for out in outs)
        value = elsewhere + value if written else value
        is_path = "Path" in str(known[name].annotation)
        one = Path(value) if is_path else value
        given[name] = [*given.get(name, []), one] if _many(known[name]) else one
    main(**given, params=params)


def _many(parameter: inspect.Parameter) -> bool:
    """Whether a script takes any number of values for it."""
    return "list[" in str(parameter.annotation)


def _digest(path: Path) -> str:
    """Return what is in a file, or in the files of a folder, without repeated settings."""
    if path.is_dir():
        return "\n".join(f"{p.name}: {_digest(p)}" for p in sorted(path.rglob("*")) if p.is_file())
    if path.suffix != ".safetensors":
        return sha256(path.read_bytes()).hexdigest()
    with safe_open(path, framework="np") as file:
        header = json.loads((file.metadata() or {}).get(METADATA_KEY, "{}"))
        kept = {k: v for k, v in header.items() if k not in REPEATED}
        arrays = {n: file.get_tensor(n) for n in sorted(file.keys())}
    said = {n: f"{a.dtype}{a.shape}{sha256(a.tobytes()).hexdigest()}" for n, a in arrays.items()}
    return json.dumps([kept, said], sort_keys=True)
