"""The results of a checkout as they lie there, or as a commit or an experiment recorded them.

A commit holds dvc.lock, which names every result by its MD5, and DVC's cache holds results by MD5:
nothing is checked out, so that what lies in the checkout stays.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.dvc_cache import stored
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import UNREADABLE, read_yaml

LOCK, PARAMS = "dvc.lock", "params.yaml"
EXPERIMENTS = "refs/exps"  # refs/exps/<2 digits>/<38 digits>/<name>: where DVC keeps experiments
DEPTH_OF_NAME = 4  # parts of such a ref before its name; others are DVC's own


@dataclass(frozen=True)
class Revision:
    """A checkout as it is, or one of its commits."""

    root: Path
    name: str = ""  # of the commit or experiment, as it was asked for; "" is the checkout as it is
    params: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, Any] = field(default_factory=dict)  # of dvc.lock

    @classmethod
    def of(cls, root: Path, name: str = "") -> "Revision":
        """Read what a revision recorded.

        Raises:
            InputError: git knows no such revision, or it recorded no results.
        """
        if not name:
            lock = read_yaml(root / LOCK) if (root / LOCK).exists() else {}
            return cls(root, "", read_yaml(root / PARAMS), lock.get("stages") or {})
        commit = _commit(root, name)
        params, lock = (_committed(root, name, commit, file) for file in (PARAMS, LOCK))
        return cls(root, name, params, lock.get("stages") or {})

    def called(self, what: str) -> str:
        """Return what something of this revision is called: "base", or "HEAD~1:base"."""
        return f"{self.name}:{what}" if self.name else what

    @property
    def digests(self) -> dict[str, str]:
        """The MD5 of every result, by its path."""
        outs = (out for stage in self.stages.values() for out in stage.get("outs") or [])
        return {out["path"]: out["md5"] for out in outs if "md5" in out}

    @contextmanager
    def opened(self, paths: Iterable[str]) -> Iterator[Path]:
        """Yield a folder below which some files lie by their paths: the checkout, or links.

        Raises:
            InputError: the revision made no such file, or it is not in DVC's cache.
        """
        if not self.name:
            yield self.root
            return
        with tempfile.TemporaryDirectory(prefix="protoweave-") as folder:
            for path in paths:
                link = Path(folder, path)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(self._cached(path))
            yield Path(folder)

    def _cached(self, path: str) -> Path:
        digest = self.digests.get(path)
        if digest is None:
            raise InputError(
                f"{self.name}: its dvc.lock names no {path}, expected a result of that revision; "
                "run `dvc repro` there and commit dvc.lock"
            )
        found = stored(self.root, digest)
        if not found.exists():
            raise InputError(
                f"{self.name}: {path} (MD5 {digest}) is not in DVC's cache of this checkout, "
                "expected it there, where nothing has to be checked out; `dvc fetch --all-commits` "
                "gets it from a remote (`dvc exp pull` that of an experiment), or run `dvc repro` "
                "at that revision"
            )
        return found.resolve()


def _commit(root: Path, name: str) -> str:
    """Return the commit of a revision, or of an experiment by its name.

    Raises:
        InputError: there is none.
    """
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    experiments = _experiments(root)
    if found is not None:
        return found.strip()
    if name in experiments:
        return experiments[name]
    known = nearest(name, experiments) if experiments else "; there is no experiment here"
    raise InputError(
        f"{name}: git knows no such revision in {root.resolve()}, expected a commit, a branch, a "
        f"tag or the name of an experiment of DVC{known}"
    )


def _experiments(root: Path) -> dict[str, str]:
    """Return the commits of DVC's experiments by name."""
    listed = _git(root, "for-each-ref", "--format=%(objectname) %(refname)", EXPERIMENTS) or ""
    pairs = (line.split(" ", 1) for line in listed.splitlines())
    parts = ((commit, ref.split("/")) for commit, ref in pairs)
    return {
        "/".join(ref[DEPTH_OF_NAME:]): commit for commit, ref in parts if len(ref) > DEPTH_OF_NAME
    }


def _committed(root: Path, name: str, commit: str, file: str) -> dict[str, Any]:
    """Read a YAML file of a commit.

    Raises:
        InputError: the commit does not hold it.
    """
    text = _git(root, "show", f"{commit}:./{file}")
    if text is None:
        raise InputError(
            f"{name}: that commit holds no {file}, expected it there, as it says what was run and "
            f"what came out; `git add dvc.lock params.yaml` before a commit keeps both"
        )
    try:
        found = YAML(typ="safe", pure=True).load(text)
    except UNREADABLE as error:
        raise InputError(f"{name}:{file}: not valid YAML: {error}") from error
    return found if isinstance(found, dict) else {}


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None where it refuses."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise InputError("git: no such program, expected it to look at another revision") from error
    return None if done.returncode else done.stdout
