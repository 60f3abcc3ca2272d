"""What a piece of the project executes: the modules it imports, each with a digest of its code.

Stages depend on such a listing (stages/code.py writes them), and parts and checkpoints carry its
digest, so that a comment, a docstring or a page of documentation reruns nothing.
"""

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline_lib.errors import InputError

if TYPE_CHECKING:
    from grimp import ImportGraph

OWN = __name__.partition(".")[0]
NO_RESULT = {
    ".md",
    ".py",
    ".pyc",
    ".pyi",
    ".typed",
}  # what lies in a package, and is no data of its modules
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def closure(*modules: str) -> list[str]:
    """Return the given modules, all they import, and the packages around them, sorted.

    Imports inside functions count, imports for type checkers do not; libraries are not followed.

    Args:
        modules: dotted names.

    Raises:
        InputError: a module is not there.
    """
    graph = _graph(*sorted({OWN, *(module.partition(".")[0] for module in modules)}))
    for module in modules:
        if module not in graph.modules:
            raise InputError(f"{module}: no such module, so nothing can depend on its code")
    found = set(modules).union(*(graph.find_upstream_modules(module) for module in modules))
    return sorted(found | {parent for module in found for parent in _parents(module)})


def listing(*modules: str) -> str:
    """Return a line per file that the modules execute: its path and the digest of its code.

    The files that lie in their packages without being Python, such as templates, are listed too.
    The text is the same on every system and version of Python.
    """
    places = (_place(module) for module in closure(*modules))
    named = {name: file for root, path in places for name, file in _files(root, path)}
    return "".join(f"{name} {_content(named[name])}\n" for name in sorted(named))


def code_digest(*modules: str) -> str:
    """Return 16 hex digits that name the code of the modules and of all they import."""
    return hashlib.sha256(listing(*modules).encode()).hexdigest()[:16]


def source_digest(source: bytes) -> str:
    """Hash what Python executes: comments, docstrings and layout do not count."""
    words: list[str] = []
    _write(ast.parse(source), words)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _write(node: object, words: list[str]) -> None:
    """Add the tree as words that no version of Python writes differently.

    Fields that are empty are left out: newer versions have more of them. Texts are escaped by
    JSON, since which characters `repr` escapes depends on the version.
    """
    if isinstance(node, ast.AST):
        words.append(type(node).__name__)
        for name in node._fields:
            value = getattr(node, name, None)
            if value is not None and value != []:
                words.append(name)
                _write(_executed(node, name, value), words)
    elif isinstance(node, list):
        words.append(f"[{len(node)}")
        for entry in node:
            _write(entry, words)
    elif isinstance(node, str):
        words.append(json.dumps(node))
    else:
        words.append(f"{type(node).__name__} {node!r}")


def _executed(node: ast.AST, name: str, value: Any) -> Any:
    """Leave the docstring out of a body."""
    if name != "body" or not isinstance(node, DOCUMENTED):
        return value
    first = value[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return value[1:] if documented and isinstance(first.value.value, str) else value


def _content(file: Path) -> str:
    """Return the digest of a file; ends of lines are the system's business."""
    found = file.stat()
    return _content_at(file, found.st_mtime_ns, found.st_size)


@cache
def _content_at(file: Path, _changed: int, _size: int) -> str:
    content = file.read_bytes().replace(b"\r\n", b"\n")
    python = file.suffix == ".py"
    return source_digest(content) if python else hashlib.sha256(content).hexdigest()[:16]


def _files(root: Path, module: Path) -> Iterator[tuple[str, Path]]:
    """Yield the file of a module, or those that make up a package without its modules."""
    is_package = module.is_dir()
    found = [module / "__init__.py", *_data(module)] if is_package else [module.with_suffix(".py")]
    return ((file.relative_to(root).as_posix(), file) for file in found)


def _data(package: Path) -> Iterator[Path]:
    """Yield the files of a package that are no modules, those of plain folders in it included."""
    for path in package.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and not (path / "__init__.py").exists():
                yield from _data(path)
        elif path.suffix not in NO_RESULT and not path.name.startswith("."):
            yield path


def _place(module: str) -> tuple[Path, Path]:
    """Return the folder that holds the module's package, and where in it the module lies."""
    package, _, rest = module.partition(".")
    root = _folder(package).parent
    return root, root.joinpath(package, *rest.split(".")) if rest else root / package


@cache
def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"{package}: no such package, so nothing can depend on its code")
    return Path(spec.submodule_search_locations[0])


@cache
def _graph(*packages: str) -> "ImportGraph":
    """Return who imports whom, of packages that need not be imported for it."""
    import grimp
    import grimp.exceptions

    for package in packages:
        _folder(package)
    try:
        return grimp.build_graph(*packages, exclude_type_checking_imports=True, cache_dir=None)
    except grimp.exceptions.SourceSyntaxError as error:
        raise InputError(f"{error}; expected Python that can be read") from error


def _parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:i]) for i in range(1, len(parts)))
