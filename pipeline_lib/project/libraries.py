"""Which of the libraries that a run needs are installed."""

import importlib.metadata
import importlib.util
from collections.abc import Iterator

LIBRARIES = ("torch", "timm", "dvc", "polars", "pyarrow", "accelerate")
BUILDS = "pip install -e '.[cpu]', or pip install -e '.[gpu]' for CUDA"


def libraries() -> Iterator[tuple[bool, str]]:
    """Yield for each whether it is fit, and what is there or to be done."""
    for library in LIBRARIES:
        try:
            yield True, f"{library} {importlib.metadata.version(library)}"
        except importlib.metadata.PackageNotFoundError:
            yield False, f"{library} is not installed: pip install -r requirements.lock"
    yield _faiss()


def _faiss() -> tuple[bool, str]:
    """FAISS comes as one of several distributions, all of which write into one folder."""
    every = ((d.name.lower(), d.version) for d in importlib.metadata.distributions())
    found = sorted({(name, version) for name, version in every if name.startswith("faiss")})
    names = [name for name, _ in found]
    if len(names) > 1:
        return False, (
            f"{' and '.join(names)} are installed and overwrite each other, expected one: "
            f"pip uninstall {' '.join(names)}; then {BUILDS}"
        )
    if found:
        return True, " ".join(found[0])
    if importlib.util.find_spec("faiss"):  # built or packaged by other means than pip
        return True, "faiss found"
    return False, f"FAISS is not installed: {BUILDS}"
