"""Links of the documents lead somewhere; `make docs` checks those of the API too."""

import re

import pytest

from tests.conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "examples/*.md", "pipeline_lib/**/*.md", "data/**/*.md")
    for path in ROOT.glob(pattern)
)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
PICTURE = re.compile(r"!\[([^\]]+)\]\(pictures/([^)]+)\)")
MOST_BYTES = 60_000


def links(page):
    """Return the links of a page that lead into the repository: file, and place in it."""
    text = CODE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not link[0].startswith(("http:", "https:"))]


def anchors(path):
    """Return the anchors of a page's headings, as GitHub and the site form them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files_and_headings(page):
    for target, anchor in links(page):
        found = (ROOT / page).parent / target if target else ROOT / page
        assert found.exists(), f"{page} links to {target}, which is not there"
        assert not anchor or anchor in anchors(found), f"{page}: {target} has no #{anchor}"


def test_links_are_seen():
    assert sum(len(links(page)) for page in PAGES) > 40


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_every_page_has_a_picture_and_each_is_small(page):
    shown = PICTURE.findall(page.read_text(encoding="utf-8"))
    assert shown, f"docs/{page.name} has no picture: see docs/extending.md"
    for said, name in shown:
        assert len(said) > 20  # what it shows, for who does not see it
        assert (ROOT / "docs" / "pictures" / name).stat().st_size <= MOST_BYTES


def test_every_picture_is_shown_and_made_by_the_command():
    from tools.pictures import named

    shown = {
        name.removesuffix(".png")
        for page in (ROOT / "docs").glob("*.md")
        for _, name in PICTURE.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == set(named())
    assert {path.stem for path in (ROOT / "docs" / "pictures").iterdir()} == shown
