"""CITATION.cff is of this version, and says of papers what their methods' READMEs say."""

import re

import pytest
from ruamel.yaml import YAML

from pipeline_lib.version import __version__
from tests.conftest import ROOT

CITATION = YAML(typ="safe").load(ROOT / "CITATION.cff")
PAPERS = {paper["notes"].lower(): paper for paper in CITATION["references"]}


def bibtex(method):
    """Return the fields of the entry in a method's README."""
    page = (ROOT / "pipeline_lib" / "methods" / method / "README.md").read_text(encoding="utf-8")
    entry = re.search(r"```bibtex\n(.*?)```", page, re.DOTALL)[1]
    return dict(re.findall(r"^\s+(\w+)\s*= \{(.*)\},?$", entry, re.MULTILINE))


def test_it_is_of_this_version_and_licence():
    assert CITATION["cff-version"] == "1.2.0"
    assert (CITATION["version"], CITATION["license"]) == (__version__, "Apache-2.0")
    assert {"title", "authors", "message", "date-released"} <= CITATION.keys()


def test_every_method_with_a_readme_has_a_paper():
    methods = {path.parent.name for path in (ROOT / "pipeline_lib/methods").glob("*/README.md")}
    assert PAPERS.keys() == methods


@pytest.mark.parametrize("method", PAPERS)
def test_the_bibtex_of_a_paper_is_that_of_the_citation(method):
    paper, entry = PAPERS[method], bibtex(method)
    authors = " and ".join(f"{a['family-names']}, {a['given-names']}" for a in paper["authors"])
    arxiv = [i["value"].removeprefix("arXiv:") for i in paper.get("identifiers", [])]
    expected = {
        "title": paper["title"],
        "author": authors,
        "year": str(paper["year"]) if "year" in paper else None,
        "booktitle": paper.get("collection-title"),
        "doi": paper.get("doi"),
        "eprint": arxiv[0] if arxiv else None,
        "archivePrefix": "arXiv" if arxiv else None,
    }
    assert entry == {key: value for key, value in expected.items() if value is not None}
