"""The params.yaml that is committed is what `protoweave use scenes` writes."""

import io
import subprocess
import tarfile

import pytest

from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import text_of


def git(root, *words):
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True).stdout


def test_the_commit_that_changed_the_default_wrote_params_anew(root, tmp_path):
    """Later commits may hold a user's own params.yaml."""
    if not (root / ".git").exists():
        pytest.skip("no git checkout")
    changed = (
        git(root, "log", "-1", "--format=%H", "--", f"presets/{DEFAULT}.yaml").decode().strip()
    )
    with tarfile.open(fileobj=io.BytesIO(git(root, "archive", changed, "presets"))) as archive:
        archive.extractall(tmp_path, filter="data")
    written = text_of(tmp_path / "presets", DEFAULT, {})
    assert git(root, "show", f"{changed}:params.yaml").decode() == written
