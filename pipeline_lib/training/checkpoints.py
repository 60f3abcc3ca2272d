"""Training states on disk, so that a killed run goes on and ends with the same bits.

A state is nested dicts and lists of tensors, numbers and strings, such as ``state_dict()`` returns.
It is stored as a numpy archive of its tensors and one JSON text, which holds no code to execute.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

TENSOR = "__tensor__"
TREE = "tree"
# What a damaged archive raises; RuntimeError where it then claims to be encrypted or of a new kind.
DAMAGED = (zipfile.BadZipFile, EOFError, OSError, ValueError, KeyError, RuntimeError)


@dataclass(frozen=True)
class Checkpoints:
    """A folder with the latest state of one training run."""

    folder: Path

    def save(self, epoch: int, state: Any) -> None:
        """Keep ``state`` as that after ``epoch`` and drop older ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors: list[np.ndarray] = []
        tree = json.dumps(_without_tensors(state, tensors))
        path = self._path(epoch)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            arrays = {str(i): t for i, t in enumerate(tensors)}
            np.savez(file, allow_pickle=False, **{TREE: np.array(tree)}, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        for older in self._paths():
            if older != path:
                older.unlink()

    def latest(self) -> tuple[int, Any] | None:
        """Return the last epoch whose state is whole, and the state, or None."""
        for path in sorted(self._paths(), reverse=True):
            try:
                with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                    tree = json.loads(str(archive[TREE]))
                    return int(path.stem), _with_tensors(tree, archive)
            except DAMAGED:
                path.unlink()
        return None

    def clear(self) -> None:
        """Forget the run: its results are written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _paths(self) -> Iterator[Path]:
        yield from list(self.folder.glob("*.npz"))

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch:06d}.npz"


def _without_tensors(value: Any, tensors: list[np.ndarray]) -> Any:
    """Return a JSON copy of ``value`` in which tensors are replaced by their numbers."""
    if isinstance(value, Tensor):
        tensors.append(value.detach().cpu().numpy())
        return {TENSOR: len(tensors) - 1}
    if isinstance(value, dict):
        return {
            "keys": list(value),
            "values": [_without_tensors(v, tensors) for v in value.values()],
        }
    if isinstance(value, list | tuple):
        return [_without_tensors(v, tensors) for v in value]
    return value


def _with_tensors(tree: Any, archive: Any) -> Any:
    if isinstance(tree, dict) and TENSOR in tree:
        return torch.from_numpy(archive[str(tree[TENSOR])])
    if isinstance(tree, dict):
        values = (_with_tensors(v, archive) for v in tree["values"])
        return dict(zip(tree["keys"], values, strict=True))
    if isinstance(tree, list):
        return [_with_tensors(v, archive) for v in tree]
    return tree
