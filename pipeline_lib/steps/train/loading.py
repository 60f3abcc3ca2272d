"""Find a method by its name: its package is `methods/NAME`, with `fit.py` and `settings.py`."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline_lib import methods
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.training.settings import RunSettings

if TYPE_CHECKING:
    from pipeline_lib.training.fitted import Fitted
    from pipeline_lib.training.network import Build

Fit = Callable[..., "Fitted"]


def load_fit(method: str) -> Fit:
    """Return the method's ``fit(data, knowledge, encoder, settings, *, seed, run)``.

    Raises:
        InputError: there is no such method.
    """
    fit: Fit = importlib.import_module(modules_of(method)[0]).fit
    return fit


def load_build(method: str) -> "Build[Any]":
    """Return the method's ``build(problem, knowledge, encoder, settings)``.

    Raises:
        InputError: there is no such method.
    """
    build: Build[Any] = importlib.import_module(modules_of(method)[0]).build
    return build


def load_kinds(method: str) -> tuple[str, ...]:
    """Return the kinds of artifacts whose tensors the method looks for in ``knowledge``.

    Raises:
        InputError: there is no such method.
    """
    kinds: tuple[str, ...] = importlib.import_module(modules_of(method)[0]).KNOWLEDGE
    return kinds


def load_settings(method: str) -> type[RunSettings]:
    """Return what the method's section of params.yaml is checked into.

    Raises:
        InputError: there is no such method.
    """
    settings: type[RunSettings] = importlib.import_module(modules_of(method)[1]).Settings
    return settings


def modules_of(method: str) -> tuple[str, str]:
    """Return the modules of a method's code and of its settings, which no import names.

    Raises:
        InputError: there is no such method.
    """
    known = [m.name for m in pkgutil.iter_modules(methods.__path__) if m.ispkg]
    if method not in known:
        raise InputError(f"params.yaml: methods: no method '{method}'{nearest(method, known)}")
    return f"pipeline_lib.methods.{method}.fit", f"pipeline_lib.methods.{method}.settings"
