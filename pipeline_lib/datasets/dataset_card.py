"""Names of labels beside the files of a Hugging Face data set: in README.md or in its older JSON.

A file that other programs wrote again (polars, DuckDB) has lost the metadata with its names.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline_lib.datasets.hugging_face import mapping, names_in
from pipeline_lib.datasets.label_names import Raw

README, INFO, INFOS = "README.md", "dataset_info.json", "dataset_infos.json"
FENCE = "---"  # around the YAML at the head of a README
LISTS = ("list", "sequence", "large_list")


@dataclass(frozen=True)
class Card:
    """What lies beside the files of rows."""

    features: tuple[tuple[Path, dict[str, Any]], ...] = ()  # of every configuration, as in JSON

    def names(self, column: Sequence[str]) -> dict[Raw, str]:
        """Return the names of a column's integers, if all configurations that have some agree.

        Raises:
            InputError: the names are no names.
        """
        found = [names_in(features, column, path) for path, features in self.features]
        known = [names for names in found if names]
        return known[0] if known and all(names == known[0] for names in known) else {}

    def files(self) -> list[str]:
        """Return the files that were read."""
        return sorted({path.name for path, _ in self.features})


def read_card(root: Path) -> Card:
    """Read what lies in the folder of a data set; what is no card of a data set says nothing."""
    readers = ((README, _readme), (INFO, _info), (INFOS, _infos))
    return Card(
        tuple(
            (root / name, features)
            for name, read in readers
            if (root / name).is_file()
            for features in read((root / name).read_text(encoding="utf-8", errors="replace"))
            if features
        )
    )


def _info(text: str) -> Iterator[dict[str, Any]]:
    yield mapping(_json(text).get("features"))


def _infos(text: str) -> Iterator[dict[str, Any]]:
    for configuration in _json(text).values():
        yield mapping(mapping(configuration).get("features"))


def _json(text: str) -> dict[str, Any]:
    try:
        return mapping(json.loads(text))
    except ValueError:
        return {}


def _readme(text: str) -> Iterator[dict[str, Any]]:
    _, fence, rest = text.partition(f"{FENCE}\n")
    if not fence or _.strip("\ufeff \n"):
        return
    try:
        head = mapping(YAML(typ="safe", pure=True).load(rest.partition(f"\n{FENCE}")[0]))
    except (YAMLError, ValueError):
        return
    configurations = head.get("dataset_info")
    for one in configurations if isinstance(configurations, list) else [configurations]:
        yield _fields(mapping(one).get("features"))


def _fields(entries: Any) -> dict[str, Any]:
    """Return the form that JSON has for a list of named features."""
    listed = [mapping(entry) for entry in entries] if isinstance(entries, list) else []
    return {str(entry.get("name")): _feature(entry) for entry in listed}


def _feature(entry: Any) -> dict[str, Any]:
    """Return the form that JSON has for one feature."""
    if isinstance(entry, list):
        return _fields(entry)
    known = mapping(entry)
    inner = next((known[name] for name in LISTS if name in known), None)
    if inner is not None:
        return {"_type": "List", "feature": _feature(inner)}
    if "struct" in known:
        return _fields(known["struct"])
    label = mapping(mapping(known.get("dtype", known)).get("class_label"))
    return {"names": _listed(label["names"])} if "names" in label else {}


def _listed(names: Any) -> Any:
    """Return a list for a mapping from "0", "1", … to names."""
    numbered = {str(key): name for key, name in mapping(names).items()}
    keys = [str(place) for place in range(len(numbered))]
    listed = [numbered[key] for key in keys] if numbered and set(keys) == set(numbered) else names
    if not isinstance(listed, list):
        return listed
    return [str(name) if type(name) is int else name for name in listed]  # digits without quotes
