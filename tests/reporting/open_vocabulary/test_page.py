import re

import pytest

from pipeline_lib.reporting.sections.open_vocabulary import some_images, swept
from tests.browser import DESKTOP, faults, opened
from tests.reporting.explorer.looked_up import looked_up
from tests.reporting.open_vocabulary.conftest import IMAGES
from tests.reporting.test_stage import Reader


@pytest.fixture
def page(studio, tmp_path):
    return studio.report(tmp_path)


@pytest.fixture
def section(page):
    return page.partition('<section id="open-vocabulary">')[2].partition("</section>")[0]


def test_the_page_is_whole_and_fetches_nothing(page):
    reader = Reader(page)
    assert "open-vocabulary" in reader.ids
    assert all(link.startswith(("#", "data:", "data/", "pictures/")) for link in reader.links)
    assert "None" not in reader.text.replace("None: every item", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_patches_sweeps_and_attention(browser, page, tmp_path, scheme):
    with opened(browser, tmp_path / "index.html", color_scheme=scheme, **DESKTOP) as shown:
        assert faults(shown, "#open-vocabulary") == []


def test_a_picture_under_several_patches_is_one_file(section, tmp_path):
    shown = re.findall(r'<image href="(pictures/[^"]+)"', section)
    assert len(set(shown)) < len(shown)
    assert all((tmp_path / link).exists() for link in shown)


def test_names_of_runs_and_labels_are_text(section):
    assert "clip &amp; co" in section
    assert "&lt;i&gt;lamp&lt;/i&gt;" in section
    assert "<i>lamp" not in section


def test_unseen_labels_and_right_ones_are_marked(section):
    assert '<b>guitar</b> <span class="note">unseen</span>' in section
    assert re.search(r"<figcaption>&lt;i&gt;lamp&lt;/i&gt; <small>\d+</small>", section)


def test_only_runs_that_choose_patches_say_so(section):
    clip, c2srt, wide, sigrl = re.split(r'<h3[^>]*>Run <span class="name">', section)[1:]
    for part in (c2srt, wide):
        assert "the patches that the method chose" in part
        assert "How many patches labels take" in part
        assert "What unseen labels hear" in part
    for part in (clip, sigrl):
        assert "the patches most similar" in part
        assert "How many patches labels take" not in part
    assert "What unseen labels hear" not in clip
    assert "What unseen labels hear" in sigrl


def test_the_sweep_is_drawn_once(section):
    assert section.count("<code>isr.alpha</code>") == 1
    assert "c2srt_wide, 0.75: " in section
    assert "test, unseen labels (ZSL)" in section


def test_without_a_sweep_there_is_no_such_figure(studio, tmp_path):
    del studio.params["methods"]["c2srt_wide"]
    page = studio.report(tmp_path)
    assert 'id="open-vocabulary"' in page
    assert "Sweeps" not in page


def test_without_such_runs_there_is_no_section(tagged, tmp_path):
    assert "open-vocabulary" not in tagged.report(tmp_path)


def test_equal_artifacts_give_equal_pages(studio, tmp_path, page):
    assert studio.report(tmp_path / "again") == page


def test_images_that_carry_an_unseen_label_come_first(shown, backdrops, tags):
    assert some_images(shown("c2srt"), backdrops, tags) == [2, 29, 0]


def test_a_sweep_shows_map_of_unseen_and_of_all_labels(studio):
    runs = [studio.run(name, "tags") for name in ("c2srt_wide", "c2srt")]
    (found,) = swept(runs)
    assert (found.sweep.setting, found.sweep.values) == ("isr.alpha", [0.5, 0.75])
    zsl, gzsl = found.chart.lines
    assert [mark.run for mark in zsl.marks] == ["c2srt", "c2srt_wide"]
    for line, view in ((zsl, "test@zsl"), (gzsl, "test@gzsl")):
        known = [run.metrics[view]["map_noninterpolated"] for run in reversed(runs)]
        assert [mark.estimate.value for mark in line.marks] == known


def test_patches_of_the_images_that_a_run_kept_can_be_looked_up(studio, tmp_path):
    studio.report(tmp_path)
    images = looked_up(tmp_path)["images"]
    seen = {run["name"]: images["patches"][str(r)] for r, run in enumerate(images["runs"])}
    kept = [images["ids"][int(place)] for place in seen["c2srt"]]
    assert kept == [f"test-{i:03d}" for i in IMAGES]
    window, side, labels = seen["c2srt"][str(images["ids"].index("test-002"))]
    assert (window, side) == ([0, 0, 1000, 1000], 4)
    assert [(label, len(patches)) for label, *patches in labels] == [(2, 4), (1, 1), (0, 1)]
    assert images["runs"][1]["sees"] == "patches"


def test_two_runs_show_the_patches_of_one_label_side_by_side(browser, studio, tmp_path):
    studio.report(tmp_path)
    with opened(browser, tmp_path / "index.html", **DESKTOP) as shown:
        shown.set_default_timeout(10_000)
        shown.locator("#look-show").select_option("patches")
        shown.locator("#pictures > .grid button").nth(1).click()  # test-002, which has the guitar
        for side, run in enumerate(["clip & co", "c2srt"]):
            shown.locator(f"#side-{side}").select_option(run)
        shown.locator(".two .choices").first.get_by_text("boat & oar").click()
        pressed = shown.locator(".two [aria-pressed=true]").all_inner_texts()
        assert pressed == ["boat & oar"] * 2
        said = shown.locator(".two figcaption").all_inner_texts()
        assert "1 of 16 patches" in said[1]
        assert shown.locator(".two > div").nth(1).locator(".shaded rect").count() == 15
        assert shown.locator(".two .choices").first.get_by_text("✓ guitar").count() == 1
