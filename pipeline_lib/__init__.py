"""Protoweave's library: everything behind the stages. It knows no paths and prints nothing."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline_lib.api import load, load_exported, open_project
    from pipeline_lib.version import __version__

__all__ = ["__version__", "load", "load_exported", "open_project"]

# Fetched when asked for, by a name that no import graph follows: every stage imports this package.
_PLACES = {
    "__version__": "pipeline_lib.version",
    "load": "pipeline_lib.api",
    "load_exported": "pipeline_lib.api",
    "open_project": "pipeline_lib.api",
}


def __getattr__(name: str) -> Any:
    """Return what a user imports from the package itself."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
