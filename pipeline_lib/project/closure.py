"""Which source files a stage runs: what its `deps` in dvc.yaml must list, no more and no less.

DVC hashes the files it is told of and does not follow imports. `protoweave deps` compares the
two, and `protoweave deps --write` mends dvc.yaml.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError

PACKAGES = ("pipeline_lib", "stages")

# Modules that a stage finds by name, where no import statement shows them. `${item.method}` is
# DVC's name for the method of a foreach stage.
FOUND_BY_NAME = {
    "baseline": (
        "pipeline_lib/methods/base/__init__.py",
        "pipeline_lib/methods/base/fit.py",
    ),
    "train": ("pipeline_lib/methods/${item.method}", "pipeline_lib/params/${item.method}.py"),
}
# Folders that are listed whole: what methods share by definition, and what one stage alone uses.
WHOLE_FOLDERS = {
    "ingest": ("pipeline_lib/datasets",),
    "listing": ("pipeline_lib/params",),  # it looks at every section, those of methods by name
    "report": ("pipeline_lib/reporting",),  # with its templates, which nothing imports
    "train": ("pipeline_lib/nn", "pipeline_lib/training"),
}


@dataclass(frozen=True)
class Difference:
    """How the code dependencies of one stage differ from what it imports."""

    stage: str
    missing: list[str]
    superfluous: list[str]


def imported_files(root: Path) -> dict[str, set[str]]:
    """Return the source files that each stage imports, as paths relative to ``root``."""
    import grimp

    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    closures = {}
    for script in sorted((root / "stages").glob("[!_]*.py")):
        start = f"stages.{script.stem}"
        known = {start, *_modules(FOUND_BY_NAME.get(script.stem, ()))}
        modules = known.union(*(graph.find_upstream_modules(module) for module in known))
        closures[script.stem] = {_file(root, m) for m in modules | set(_parents(modules))}
    return closures


def differences(root: Path) -> list[Difference]:
    """Compare every stage's code dependencies in dvc.yaml with its imports.

    Raises:
        InputError: a script has no stage.
    """
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    found = []
    for name, imported in imported_files(root).items():
        if name not in stages:
            raise InputError(f"dvc.yaml: no stage '{name}', expected one for stages/{name}.py")
        expected = set(expected_code(name, imported))
        listed = {d for d in _body(stages[name])["deps"] if is_code(d)}
        if expected != listed:
            found.append(Difference(name, sorted(expected - listed), sorted(listed - expected)))
    return found


def expected_code(stage: str, imported: set[str]) -> list[str]:
    """Return the code entries that the stage's `deps` should have, sorted."""
    folders = WHOLE_FOLDERS.get(stage, ())
    files = {f for f in imported if not any(f.startswith(f"{folder}/") for folder in folders)}
    return sorted({*files, *folders, *FOUND_BY_NAME.get(stage, ())})


def write_code(root: Path) -> list[Difference]:
    """Mend the code entries of dvc.yaml in place, keeping its comments; return what changed."""
    changed = differences(root)
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=2, offset=0)
    document = yaml.load(root / "dvc.yaml")
    imported = imported_files(root)
    for difference in changed:
        body = _body(document["stages"][difference.stage])
        data = [d for d in body["deps"] if not is_code(d)]
        body["deps"] = [*expected_code(difference.stage, imported[difference.stage]), *data]
    if changed:
        text = StringIO()
        yaml.dump(document, text)
        write_bytes(root / "dvc.yaml", text.getvalue().encode())
    return changed


def is_code(dependency: str) -> bool:
    """Say whether an entry of `deps` is source code of the project."""
    return dependency.startswith(tuple(f"{package}/" for package in PACKAGES))


def _body(stage: dict[str, Any]) -> Any:
    return stage.get("do", stage)


def _modules(files: Iterable[str]) -> Iterator[str]:
    """Yield the modules among entries of ``FOUND_BY_NAME`` that name a file."""
    for file in files:
        if "$" not in file:
            yield file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parents(modules: set[str]) -> Iterator[str]:
    for module in modules:
        parts = module.split(".")
        yield from (".".join(parts[:i]) for i in range(1, len(parts)))


def _file(root: Path, module: str) -> str:
    path = Path(*module.split("."))
    if (root / path).is_dir():
        return (path / "__init__.py").as_posix()
    return path.with_suffix(".py").as_posix()
