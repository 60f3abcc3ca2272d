"""The commands that documents, presets, help texts and messages print."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = ("protoweave", "dvc", "make", "python", "pip", "torchrun", "git")
PAGES = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/[!l]*.md", "data/**/README.md"),
    *("pipeline_lib/methods/*/README.md", "presets/*.yaml"),
)
SOURCES = ("pipeline_lib/**/*.py", "stages/*.py")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")  # it may go on in the next line
SETTING = re.compile(r"^([A-Z_]+=\S+ )+")  # of the environment
COMMENT = re.compile(r"\s{2,}#.*|\s# .*")


@dataclass(frozen=True)
class Block:
    """Commands of one place, which run one after the other in one checkout."""

    place: str
    commands: tuple[str, ...]


def blocks() -> Iterator[Block]:
    """Yield every block of every page and source file."""
    for path in sorted({p for pattern in PAGES for p in ROOT.glob(pattern)}):
        name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        if path.suffix == ".yaml":
            yield from _kept(name, (_header(text),))
            text = "\n".join(line for line in text.splitlines() if line.startswith("#"))
        else:
            yield from _kept(name, (_console(body) for kind, body in FENCE.findall(text)))
            text = FENCE.sub("", text)
        yield from _kept(name, ([found] for found in QUOTED.findall(text)))
    for path in sorted({p for pattern in SOURCES for p in ROOT.glob(pattern)}):
        name = str(path.relative_to(ROOT))
        yield from _kept(name, ([c] for text in _texts(path) for c in QUOTED.findall(text)))


def snippets() -> Iterator[tuple[str, str]]:
    """Yield the Python code of the pages."""
    for path in sorted(ROOT.glob("docs/[!l]*.md")):
        for kind, body in FENCE.findall(path.read_text(encoding="utf-8")):
            if kind == "python":
                yield str(path.relative_to(ROOT)), body


def _kept(place: str, found: Iterator[list[str]]) -> Iterator[Block]:
    for lines in found:
        single = tuple(one for line in lines for one in _single(line))
        if single:
            yield Block(place, single)


def _console(body: str) -> list[str]:
    return [line.removeprefix("$ ") for line in body.splitlines() if line.startswith("$ ")]


def _header(text: str) -> list[str]:
    """Return the indented commands in the comments of a preset, one that goes on joined."""
    lines = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   ")]
    return re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()


def _single(line: str) -> Iterator[str]:
    """Yield the commands of a line without its comment."""
    for part in re.split(r"; | && ", COMMENT.sub("", line)):
        words = SETTING.sub("", " ".join(part.split()))
        first = next(iter(words.split(" ")), "")
        if first in PROGRAMS and words != first and _is_command(words):
            yield words


def _is_command(words: str) -> bool:
    """Say whether it is a command and no mention of a part of one, such as `dvc repro`'s."""
    try:
        shlex.split(words)
    except ValueError:
        return False
    return True


def _texts(path: Path) -> Iterator[str]:
    """Yield the strings of a source file, those of an f-string with {} for its values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
