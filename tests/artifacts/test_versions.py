"""The rule of docs/artifacts.md: another version is refused, with what to do about it."""

import importlib
import pkgutil
from dataclasses import replace

import pytest

from pipeline_lib import artifacts
from pipeline_lib.artifacts.catalogue import KINDS
from pipeline_lib.artifacts.table import Table
from pipeline_lib.errors import InputError
from tests.artifacts.filled import filled

MODULES = [
    importlib.import_module(f"pipeline_lib.artifacts.{module.name}")
    for module in pkgutil.iter_modules(artifacts.__path__)
]
TABLES = {
    kind.schema.__name__: kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, Table)
}
EVERY = TABLES | KINDS


def write(kind, path):
    if isinstance(kind, Table):
        kind.write(kind.schema.create_empty(), path)
    else:
        kind.write(path, filled(kind))


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_every_kind_is_read_in_its_version_and_refused_in_the_previous(kind, tmp_path):
    path = tmp_path / "file"
    write(kind, path)
    kind.read(path)
    write(replace(kind, version=kind.version - 1), path)
    with pytest.raises(InputError, match=rf"file: holds .*; re-run `dvc repro {kind.stage}`$"):
        kind.read(path)


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_a_file_of_a_newer_version_is_not_to_be_made_anew(kind, tmp_path):
    write(replace(kind, version=kind.version + 1), tmp_path / "file")
    expected = r"file: holds .*; a newer version wrote it: update this one, in a checkout with `git"
    with pytest.raises(InputError, match=expected):
        kind.read(tmp_path / "file")


def test_a_newer_file_of_another_kind_is_made_anew(tmp_path):
    write(replace(KINDS["scores"], version=99), tmp_path / "file")
    with pytest.raises(InputError, match=r"holds artifact 'scores' version 99.*re-run `dvc repro"):
        KINDS["maps"].read(tmp_path / "file")
