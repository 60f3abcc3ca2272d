"""What the site shows is there; `make docs` builds it."""

import importlib
import re

import pytest

from tests.conftest import ROOT
from tools.api_pages import api_pages

NAV = re.compile(r"^\s+- (?:.*: )?(\S+\.md)$", re.MULTILINE)


def test_every_page_is_in_the_navigation():
    shown = set(NAV.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    docs = {path.name for path in (ROOT / "docs").glob("*.md")}
    own = (ROOT / "pipeline_lib" / "methods").glob("*/README.md")
    expected = docs | {f"methods/{path.parent.name}.md" for path in own} | api_pages().keys()
    assert sorted(expected - shown) == [], "name them in mkdocs.yml"


def test_what_the_api_pages_show_exists_and_says_what_it_is():
    names = re.findall(r"^::: (\S+)", "\n".join(api_pages().values()), re.MULTILINE)
    assert len(names) > 30
    for name in names:
        module, _, attribute = name.rpartition(".")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except AttributeError:
            found = importlib.import_module(name)
        assert found.__doc__, name


def test_the_page_of_metrics_lists_all():
    from pipeline_lib.evaluation.metrics import METRICS

    page = api_pages()["api/metrics.md"]
    assert [m.name for m in METRICS if f"| `{m.name}` |" not in page] == []


def test_what_a_comment_says_of_a_field_is_shown():
    pytest.importorskip("griffe")
    from tools.field_comments import comment_of

    assert (
        comment_of(["    names: list[str]  # of the logits", "    other: int"]) == "Of the logits."
    )
    assert comment_of(["    b: str = '#'"]) == ""
    assert comment_of(["    x: int  # one, of", "    # two lines", "    y: int  # no"]) == (
        "One, of two lines."
    )
