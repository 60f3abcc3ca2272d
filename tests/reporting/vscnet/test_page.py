import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from pipeline_lib.reporting.crops import outline
from tests.browser import DESKTOP, faults, opened
from tests.reporting.explorer.looked_up import looked_up

VOID = {"meta", "img", "br", "input"}


class Reader(HTMLParser):
    """Collects elements and words, and checks that elements are nested."""

    def __init__(self, html):
        super().__init__()
        self.open, self.words, self.elements = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def ids(self):
        return {attrs["id"] for _, attrs in self.elements if "id" in attrs}

    def count(self, tag, **attributes):
        return sum(
            name == tag and all(attrs.get(k) == v for k, v in attributes.items())
            for name, attrs in self.elements
        )


def section(html, name):
    return html.partition(f'<section id="{name}">')[2].partition("</section>")[0]


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def html(studio, tmp_path_factory, kept):
    if not kept:
        kept["out"] = tmp_path_factory.mktemp("page")
        kept["html"] = studio.report(kept["out"])
    return kept["html"]


def test_the_page_has_the_sections_and_links_to_them(html):
    page = Reader(html)
    assert {"regions", "exemplars"} < page.ids()
    links = {attrs.get("href") for tag, attrs in page.elements if tag == "a"}
    assert {"#regions", "#exemplars"} < links
    assert "None" not in page.text.replace("None: every item", "").replace("None: this run", "")


def test_the_page_fetches_nothing(html):
    page = Reader(html)
    found = [a[k] for _, a in page.elements for k in ("src", "href") if k in a]
    assert [link for link in found if not link.startswith(("pictures/", "data/", "#"))] == []
    assert page.count("script") == 3  # one of them sets the table of images


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_regions_exemplars_and_explanations(browser, html, kept, scheme):
    with opened(browser, kept["out"] / "index.html", color_scheme=scheme, **DESKTOP) as shown:
        assert faults(shown, "#regions", "#exemplars", "#run-1") == []


def test_every_drawing_says_what_it_is(html):
    page = Reader(html)
    images = [a for tag, a in page.elements if tag == "svg" and "aria-hidden" not in a]
    assert all(a.get("role") == "img" and a.get("aria-label") for a in images)


def test_regions_are_drawn_with_titles_and_objects_dashed(html):
    page = Reader(section(html, "regions"))
    assert page.count("image") == 3  # one image of each class
    assert page.count("polygon") == 3 * 3
    assert page.count("rect", **{"class": "thing"}) == 2  # the second class has no tags
    assert re.search(r"test mean best IoU 20 [\d.]+ \[[\d.]+, [\d.]+\]", page.text)
    assert "scale x (θ₁₁)" in page.text


def test_the_page_says_what_refinement_changes_and_claims_no_more(html):
    text = Reader(section(html, "exemplars")).text
    assert re.search(
        r"On val, tags refined by exemplars \(Eq\. 7\) have "
        r"(a mAP [\d.]+ points (higher|lower) than|the mAP of) raw ones\. "
        r"That difference has no interval",
        text,
    )
    assert "helps" not in text
    assert "class known from exemplars alone" in text


def test_runs_with_a_graph_are_explained_and_others_are_not(html):
    whole, located, base = (Reader(section(html, f"run-{i}")) for i in (1, 2, 3))
    assert "Matched prototypes" in whole.text
    assert "causal, mean" in whole.text
    assert whole.count("path", **{"class": "edge"}) > 0
    assert "Explanations" in located.text
    assert "None: this run has no edges." in located.text
    assert "Matched prototypes" not in located.text
    assert "Explanations" not in base.text


def test_without_the_stages_the_sections_are_absent(without, tmp_path):
    page = Reader(without("maps", "regions", "exemplars").report(tmp_path / "out"))
    assert not {"regions", "exemplars"} & page.ids()
    assert "Explanations" not in page.text


def test_without_exemplars_the_regions_are_still_shown(without, tmp_path):
    page = Reader(without("exemplars").report(tmp_path / "out"))
    assert "regions" in page.ids()
    assert "exemplars" not in page.ids()
    assert "Explanations" not in page.text


def test_another_process_writes_the_same_bytes(studio, html, root, tmp_path):
    options = [*map(str, studio.folders), f"--out={tmp_path}", f"--params={studio.params_file}"]
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "stages.report", *options]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == html


def test_regions_tags_and_exemplars_of_every_image_can_be_looked_up(studio, located, tmp_path):
    studio.report(tmp_path)
    found = looked_up(tmp_path)
    images, shard = found["images"], found["shard0"]
    assert images["runs"][0]["sees"] == "regions"
    first = images["ids"].index("test-000")
    boxes, tags, matches = shard["regions"]["classes"][first]
    row = located.collection.ids.index("test-000")
    theta = located.reader.rows([row], "theta")[0]
    corners = outline(theta, located.windows[row]).reshape(len(theta), 8)
    assert np.array(boxes).reshape(-1, 10)[:, :8] == pytest.approx(1000 * corners, abs=0.5)
    assert set(boxes[8::10]) <= {0, 1, 2}
    assert tags[2::3] == sorted(tags[2::3], reverse=True)
    described = images["exemplars"]["classes"]
    assert {str(prototype) for prototype in matches[::2]} <= described.keys()
    for *_, members in described.values():
        assert all(images["ids"][place].startswith("train-") for place, *_ in members)
