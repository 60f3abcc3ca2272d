"""A params.yaml to edit: the default preset."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import text_of
from tests.project.toy import TOY


@pytest.fixture
def params(tmp_path: Path, root: Path) -> Callable[..., Path]:
    """Write the default preset, each given text replaced by another."""

    def write(*changes: tuple[str, str]) -> Path:
        text = text_of(root / "presets", DEFAULT, {}, whole=True)
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "params.yaml"

    return write


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    """Write a small params.yaml."""

    def write(text: str = TOY) -> Path:
        (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "params.yaml"

    return write
