"""Weights that lie in installed packages."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file

from pipeline_lib.errors import InputError
from pipeline_lib.project import packaged

TRUNK = "test_efficientnet"


def _bring(monkeypatch, folder: Path, files: dict[str, bytes], name: str) -> None:
    """Let a package hold some files, as its installation would."""
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    digests = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    known = replace(
        packaged.ALL["all-MiniLM-L6-v2"],
        name=name,
        distribution="pytest",  # which is installed
        root=str(folder),
        digests=digests,
    )
    monkeypatch.setitem(packaged.ALL, name, known)


def _state() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return timm.create_model(TRUNK).state_dict()


def _foreign(tmp_path: Path, state: dict[str, torch.Tensor]) -> bytes:
    torch.save({f"theirs.{i}": value for i, value in enumerate(state.values())}, tmp_path / "x.pth")
    return (tmp_path / "x.pth").read_bytes()


def test_a_trunk_gets_the_names_of_timm(tmp_path, monkeypatch):
    state = _state()
    _bring(monkeypatch, tmp_path / "package", {"a.pth": _foreign(tmp_path, state)}, TRUNK)
    path = packaged.fetch(TRUNK, tmp_path / "weights")
    assert path == tmp_path / "weights" / f"{TRUNK}.safetensors"
    found = load_file(path)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], value) for name, value in state.items())


def test_another_network_of_that_name_is_refused(tmp_path, monkeypatch):
    state = _state()
    del state["classifier.bias"]
    _bring(monkeypatch, tmp_path / "package", {"a.pth": _foreign(tmp_path, state)}, TRUNK)
    with pytest.raises(
        InputError, match=r"its tensors are not those of timm .*'test_efficientnet'"
    ):
        packaged.fetch(TRUNK, tmp_path / "weights")


def test_a_sentence_encoder_is_copied_as_the_files_that_are_known(tmp_path, monkeypatch):
    package = tmp_path / "package"
    _bring(monkeypatch, package, {"modules.json": b"[]", "1_Pooling/config.json": b"{}"}, "mini")
    (package / "more.bin").write_bytes(b"not looked at")
    out = packaged.fetch("mini", tmp_path / "weights")
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert files == ["1_Pooling/config.json", "modules.json"]
    assert (out / "modules.json").read_bytes() == b"[]"


def test_other_bytes_are_refused_and_nothing_is_written(tmp_path, monkeypatch):
    package = tmp_path / "package"
    _bring(monkeypatch, package, {"modules.json": b"[]", "config.json": b"{}"}, "mini")
    (package / "modules.json").write_bytes(b"[1]")
    with pytest.raises(
        InputError, match=r"modules.json: its SHA-256 is .*…, expected .*…, that of"
    ):
        packaged.fetch("mini", tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_a_file_that_is_gone_is_named(tmp_path, monkeypatch):
    package = tmp_path / "package"
    _bring(monkeypatch, package, {"modules.json": b"[]", "config.json": b"{}"}, "mini")
    (package / "config.json").unlink()
    with pytest.raises(InputError, match=r"config.json: is not there, expected a file of the pack"):
        packaged.fetch("mini", tmp_path / "weights")


def test_a_package_that_is_not_installed_is_named(tmp_path, monkeypatch):
    absent = replace(packaged.ALL["all-MiniLM-L6-v2"], distribution="no-such-package")
    monkeypatch.setitem(packaged.ALL, "mini", absent)
    with pytest.raises(
        InputError, match=r"mini: the package no-such-package is not installed; `pip"
    ):
        packaged.fetch("mini", tmp_path)


def test_a_name_that_no_package_has_is_refused():
    with pytest.raises(InputError, match="no package is known to bring 'all-MiniLM'; did you mean"):
        packaged.fetch("all-MiniLM")


def test_the_packages_bring_what_is_said(packaged_weights):
    assert len(load_file(packaged_weights / "tf_efficientnet_lite0.safetensors")) == 296
    assert (packaged_weights / "all-MiniLM-L6-v2" / "1_Pooling" / "config.json").is_file()
