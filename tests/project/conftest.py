"""A params.yaml to edit, as the repository has it."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def params(tmp_path: Path, root: Path) -> Callable[..., Path]:
    """Copy the repository's params.yaml, each given text replaced by another."""

    def write(*changes: tuple[str, str]) -> Path:
        text = (root / "params.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "params.yaml"

    return write
