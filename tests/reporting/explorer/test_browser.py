import re
import shutil
import time

import pytest

from pipeline_lib.reporting.explorer.files import script
from tests.browser import faults
from tests.reporting.explorer.looked_up import looked_up
from tests.reporting.explorer.test_files import HOSTILE

SOON = 10_000  # milliseconds that a page may take, on a busy machine too
OPENED = "dialog[open] .opened .two"


@pytest.fixture
def look(browser):
    """Open the page of a report at an address behind "#", on a desktop or a phone."""
    faults, contexts = [], []

    def opened(out, place="", width=1280, height=800):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SOON)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{(out / 'index.html').as_uri()}{place}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def names(page):
    return page.locator("#pictures > .grid li > span[dir]").all_inner_texts()


def said(page):
    return page.locator("#pictures .found").inner_text()


def test_typing_and_choosing_narrow_the_pictures_and_the_count_is_said(look, written):
    page = look(written)
    assert said(page) == "69 of 69 pictures"
    page.locator("form.look").get_by_label("File").fill("VAL-00")
    assert said(page) == "6 of 69 pictures"
    assert names(page)[0] == "val-000"
    page.locator("form.look").get_by_label("Class").select_option(label="harbour")
    assert names(page) == ["val-000", "val-003"]
    page.locator("form.look").get_by_label("File").fill("nowhere")
    assert "nothing is like that" in said(page)
    page.get_by_role("button", name="Clear all").click()
    page.wait_for_function("document.querySelector('.found').textContent.startsWith('69')")


def test_errors_of_a_run_alone_are_shown_with_what_they_were_taken_for(look, written):
    page = look(written)
    page.locator("#look-run").select_option("twin")
    assert page.locator("#look-beside").input_value() == "base"
    page.locator("form.look").get_by_label("Split").select_option("test")
    page.locator("form.look").get_by_label("Show").select_option("lost")
    assert names(page) == ["test-000"]  # the one that base has right
    assert page.locator("#pictures .said").inner_text().startswith("✗")
    page.locator("form.look").get_by_label("Show").select_option("wrong")
    page.locator("form.look").get_by_label("Order").select_option("worst")
    assert said(page) == "16 of 69 pictures"
    page.locator("form.look").get_by_label("Taken for").select_option(label="harbour")
    assert names(page)[0] == "test-005"


def test_a_picture_opens_by_keyboard_and_gives_the_focus_back(look, written):
    page = look(written)
    page.locator("#look-run").select_option("rival & son")
    second = page.locator("#pictures > .grid button").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(OPENED)
    dialog = page.get_by_role("dialog", name="test-001")
    assert "✗ wrong" in dialog.inner_text()  # by base
    assert "✓ right" in dialog.inner_text()  # by its rival
    assert page.url.endswith("#image=test-001")
    page.keyboard.press("ArrowRight")
    page.get_by_role("dialog", name="test-002").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("dialog", name="test-001").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert second.evaluate("node => node === document.activeElement")
    assert page.url.endswith("#pictures")


def test_two_runs_stand_side_by_side_and_can_be_chosen(look, written):
    page = look(written, "#image=test-001")
    page.wait_for_selector(OPENED)
    left, right = page.locator(".two > div").all()
    page.locator("#side-0").select_option("base")
    page.locator("#side-1").select_option("rival & son")
    assert page.locator("#side-1").evaluate("node => node === document.activeElement")
    assert "船 {{ 7 * 7 }}" in left.locator("tbody tr").first.inner_text()
    assert re.search(r"Köter.*right, only here", right.inner_text(), re.S)


def test_a_training_image_that_is_near_opens_and_leads_back(look, written):
    page = look(written, "#image=test-000")
    page.wait_for_selector(OPENED)
    page.locator(".opened .grid button").first.click()
    page.get_by_text("A training image: runs learned from it").wait_for()
    assert page.locator("dialog h3").inner_text().startswith("train-")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("dialog", name="test-000").wait_for()


def test_an_error_in_the_list_of_a_run_opens_and_all_of_them_can_be_looked_at(look, written):
    page = look(written)
    page.locator("#run-1 .errors a").first.click()
    page.get_by_role("dialog", name="test-001").wait_for()
    page.get_by_role("button", name="Close").click()
    page.locator("#run-1").get_by_text("look at them").click()
    assert said(page) == "15 of 69 pictures"
    assert page.locator("#look-show").input_value() == "wrong"


def test_the_pictures_of_a_confusion_can_be_looked_at(look, written):
    page = look(written)
    confusion = page.locator("#run-1 .mistakes h4", has=page.locator("a")).first
    counted = re.search(r"of (\d+) picture", confusion.inner_text())[1]
    confusion.locator("a").click()
    assert said(page) == f"{counted} of 69 pictures"
    shown = {text.removeprefix("✗ ") for text in page.locator("#pictures .said").all_inner_texts()}
    assert len(shown) == 1
    assert confusion.inner_text().split(" → ")[1].startswith(shown.pop())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_picture(look, written, scheme):
    page = look(written, "#image=test-001")
    page.emulate_media(color_scheme=scheme)
    page.wait_for_selector(OPENED)
    assert faults(page, "dialog") == []


def test_labels_in_doubt_are_looked_through_by_rank(look, written):
    page = look(written)
    page.locator("#look-show").select_option("doubt")
    page.locator("#look-order").select_option("worst")
    doubts = looked_up(written)["images"]["doubts"]
    assert said(page) == f"{len(doubts)} of 69 pictures"
    page.locator("#pictures > .grid button").first.click()
    page.wait_for_selector("dialog[open] .opened dl")
    assert "(no. 1 of its kind, by stage quality)" in page.locator("dialog dl").inner_text()


def test_a_picture_elsewhere_on_the_page_opens(look, written):
    page = look(written)
    page.locator("#data img[data-image]").first.click()
    page.wait_for_selector("dialog[open] .opened dl")
    assert page.locator("dialog h3").inner_text().startswith("train-")


def test_on_a_phone_nothing_lies_beyond_the_side(look, written):
    page = look(written, "#image=test-001", 390, 844)
    page.wait_for_selector(OPENED)
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 390
    assert page.evaluate("document.querySelector('.look').scrollWidth") <= 390


def test_a_page_without_its_data_says_what_is_missing(look, written, tmp_path):
    shutil.copy(written / "index.html", tmp_path)
    assert "The folder data/ is not beside this page" in said(look(tmp_path))


@pytest.fixture
def copied(written, tmp_path):
    """A report whose data can be changed: what changes it, and its folder."""
    out = tmp_path / "report"
    shutil.copytree(written, out)
    page = out / "index.html"
    [link] = re.findall(r'<script src="(data/\w+\.js)"', page.read_text("utf-8"))

    def change(**columns):
        images = looked_up(written)["images"] | columns
        (out / link).write_text(script("images", images), "ascii")

    return change, out


def test_names_of_any_kind_are_text_that_can_be_searched_and_opened(look, copied):
    change, out = copied
    ids = HOSTILE + [f"test-{i}" for i in range(69 - len(HOSTILE))]
    change(ids=ids, names={"classes": HOSTILE[:3], "tags": HOSTILE[3:]})
    page = look(out)
    assert page.locator("#pictures > .grid button").nth(0).get_attribute("title").startswith(ids[0])
    page.locator("form.look").get_by_label("File").fill("</SCRIPT>")
    assert names(page) == [ids[0]]
    page.locator("#pictures > .grid button").click()
    page.wait_for_selector(OPENED)
    assert page.locator("dialog h3").text_content() == ids[0]
    again = look(out, page.url.partition("index.html")[2])
    again.wait_for_selector(OPENED)
    assert again.locator("dialog h3").text_content() == ids[0]
    assert again.evaluate("document.querySelectorAll('dialog script, .grid script').length") == 0


def test_five_thousand_images_of_twelve_runs_are_looked_through_at_once(look, written, copied):
    change, out = copied
    count, images = 5000, looked_up(written)["images"]
    change(
        **{name: [images[name][i % 45] for i in range(count)]
           for name in ("files", "classes", "tags", "pictures")},
        ids=[f"image-{i:05d}" for i in range(count)],
        splits=[["test", count]],
        judged=count,
        runs=[images["runs"][0] | {"name": f"run{r}"} for r in range(12)],
        wrong=[[i * (r + 1) % 7 * 100 for i in range(count)] for r in range(12)],
        first=[[i % 3 for i in range(count)]] * 12,
    )  # fmt: skip
    page = look(out)
    started = time.monotonic()
    page.locator("#look-run").select_option("run5")
    page.locator("form.look").get_by_label("Show").select_option("wrong")
    page.locator("form.look").get_by_label("Order").select_option("worst")
    page.locator("form.look").get_by_label("File").fill("image-049")
    assert said(page) == "85 of 5,000 pictures"  # those whose number 7 divides are right
    assert page.locator("#pictures > .grid li").count() == 32
    assert 1000 * (time.monotonic() - started) < SOON
    page.get_by_role("button", name="53 more of 53 pictures").click()
    assert page.locator("#pictures > .grid li").count() == 85
