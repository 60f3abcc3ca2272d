import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib import closure as module
from pipeline_lib.closure import closure, code_digest, listing, source_digest
from pipeline_lib.errors import InputError

CODE = '''"""A module."""
import os

LIMIT = 3  # of something
TEXT = """
kept
"""


class Thing:
    """A class."""

    size: int = 1


def double(x: int) -> int:
    """Return twice x."""
    return x * 2


async def later():
    """Wait."""
'''
SAME = {
    "comment": CODE.replace("  # of something", "") + "# the end\n",
    "docstring": CODE.replace("Return twice x.", "Double\n\n    it."),
    "docstring of a module": CODE.replace('"""A module."""', ""),
    "docstring of a class": CODE.replace("A class.", "Another text."),
    "blank lines": CODE.replace("\n\n\n", "\n"),
    "quotes": CODE.replace('"""\nkept\n"""', "'\\nkept\\n'"),
    "layout": CODE.replace("x * 2", "(\n        x\n        * 2\n    )"),
    "ends of lines": CODE.replace("\n", "\r\n"),
}
OTHER = {
    "number": CODE.replace("LIMIT = 3", "LIMIT = 4"),
    "kind of number": CODE.replace("LIMIT = 3", "LIMIT = 3.0"),
    "text": CODE.replace("kept", "kept "),
    "blank line in a text": CODE.replace("kept\n", "kept\n\n"),
    "operator": CODE.replace("x * 2", "x + 2"),
    "name": CODE.replace("double", "twice"),
    "annotation": CODE.replace("size: int", "size: float"),
    "default": CODE.replace("x: int)", "x: int = 0)"),
    "text that is no docstring": CODE.replace("return x", '"""a"""\n    """b"""\n    return x'),
    "order": CODE.replace("LIMIT = 3", "").replace("import os", "LIMIT = 3\nimport os"),
    "async": CODE.replace("async def", "def"),
}


@pytest.mark.parametrize("change", SAME)
def test_what_python_does_not_execute_is_not_in_a_digest(change):
    assert SAME[change] != CODE
    assert source_digest(SAME[change].encode()) == source_digest(CODE.encode())


@pytest.mark.parametrize("change", OTHER)
def test_what_python_executes_is_in_a_digest(change):
    assert OTHER[change] != CODE
    assert source_digest(OTHER[change].encode()) != source_digest(CODE.encode())


def test_a_digest_does_not_depend_on_the_version_of_python():
    """Written down once, by Python 3.11; 3.12 parses f-strings and parameters otherwise."""
    code = (
        'x = f"{a!r:>{w}} and {b=}" "ü \\u0378"\n@d\ndef f(a, /, *b, c=1j, **e): ...\n'
        "with a as b, c:\n    match x:\n        case [1, *_] if y: pass\n"
    )
    assert source_digest(code.encode()) == "fde9d7a0a2893885"


@given(st.text(max_size=8), st.text(max_size=8))
def test_texts_are_told_apart(one, other):
    digests = [source_digest(f"x = {text!r}".encode("utf-8", "replace")) for text in (one, other)]
    assert (digests[0] == digests[1]) == (one == other)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A package of five modules, one of which nobody imports."""
    files = {
        "__init__.py": "",
        "a.py": "from typing import TYPE_CHECKING\nfrom weaves import b\n"
        "if TYPE_CHECKING:\n    import weaves.d\n",
        "b.py": "def late():\n    from weaves.inner import c\n",
        "d.py": "",
        "inner/__init__.py": "",
        "inner/c.py": "X = 1\n",
        "inner/README.md": "About.\n",
        "inner/py.typed": "",
        "inner/pages/page.html": "<p>\n",
        "unused/__init__.py": "",
        "unused/data.csv": "1\n",
    }
    for name, text in files.items():
        path = tmp_path / "weaves" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for cached in (module._graph, module._folder, module._content_at):
        cached.cache_clear()
    return tmp_path / "weaves"


def test_imports_are_followed_into_functions_and_packages(packages):
    found = closure("weaves.a")
    assert found == ["weaves", "weaves.a", "weaves.b", "weaves.inner", "weaves.inner.c"]


def test_a_listing_names_modules_and_what_else_lies_in_their_packages(packages):
    lines = dict(line.split(" ") for line in listing("weaves.a").splitlines())
    modules = ("__init__", "a", "b", "inner/__init__", "inner/c")
    files = {*(f"weaves/{name}.py" for name in modules), "weaves/inner/pages/page.html"}
    assert list(lines) == sorted(files)
    assert lines["weaves/inner/c.py"] == source_digest(b"X = 1")


def test_pages_bytecode_and_what_nobody_imports_change_no_listing(packages):
    before = listing("weaves.a")
    (packages / "inner/README.md").write_text("More.\n")
    (packages / "__pycache__").mkdir()
    (packages / "__pycache__/a.pyc").write_bytes(b"0")
    (packages / "unused/data.csv").write_text("2\n")
    (packages / "d.py").write_text("D = 2\n")
    (packages / "a.py").write_text((packages / "a.py").read_text() + "# a comment\n")
    assert listing("weaves.a") == before
    (packages / "inner/pages/page.html").write_text("<p>another\n")
    assert listing("weaves.a") != before


def test_a_digest_names_the_code_of_what_is_imported(packages):
    before = code_digest("weaves.a"), code_digest("weaves.d")
    (packages / "inner/c.py").write_text("X = 22\n")
    assert code_digest("weaves.a") != before[0]
    assert code_digest("weaves.d") == before[1]


def test_ends_of_lines_of_other_systems_change_nothing(packages):
    before = listing("weaves.a")
    for name in ("inner/c.py", "inner/pages/page.html"):
        path = packages / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert listing("weaves.a") == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("weaves.e", r"^weaves\.e: no such module, so nothing can depend on its code$"),
        ("nowhere.at.all", "^nowhere: no such package, so nothing can depend on its code$"),
    ],
)
def test_what_is_not_there_is_named(packages, name, message):
    with pytest.raises(InputError, match=message):
        listing(name)


def test_a_module_that_is_no_python_is_named(packages):
    (packages / "inner/c.py").write_text("X = = 1\n")
    with pytest.raises(
        InputError, match=r"c\.py, line 1: X = = 1; expected Python that can be read"
    ):
        listing("weaves.a")


def test_the_whole_project_can_be_listed_without_importing_it(root):
    code = (
        "import sys; from pipeline_lib.closure import listing; listing('stages.train');"
        "print([m for m in sys.modules if m.startswith(('torch', 'stages'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
