"""The page as a browser shows it: light and dark, on a desktop and a phone."""

import shutil

import pytest

from tests.browser import DESKTOP, PHONE, faults, opened
from tests.reporting.conftest import Workspace, parameters

SHOWN = {"base": "base", "rival & son": "csrms", "plain & tags": "ml_gcn", "open": "ml_gcn"}
CURRENT = "nav [aria-current]"


@pytest.fixture(scope="module")
def page(finished, tmp_path_factory):
    """A page of every kind of run, each once: axe takes seconds for a thousand elements."""
    out = tmp_path_factory.mktemp("page")
    Workspace(finished, parameters(**SHOWN)).report(out)
    return out / "index.html"


@pytest.fixture
def desktop(browser, page):
    with opened(browser, page, **DESKTOP) as shown:
        yield shown


@pytest.fixture
def phone(browser, page):
    with opened(browser, page, **PHONE) as shown:
        yield shown


@pytest.mark.parametrize(
    ("scheme", "device"), [("light", PHONE), ("dark", DESKTOP)], ids=["light phone", "dark desktop"]
)
def test_axe_finds_nothing(browser, page, scheme, device):
    with opened(browser, page, color_scheme=scheme, **device) as shown:
        assert faults(shown) == []


def test_axe_would_find_what_is_wrong(desktop):
    desktop.set_content("<main><h1>One</h1><p style='color: #aaa'>Two</p><img src='data:,'></main>")
    found = {fault.partition(":")[0] for fault in faults(desktop)}
    assert {"color-contrast", "image-alt"} <= found


@pytest.mark.parametrize(("scheme", "paper"), [("light", 255), ("dark", 19)])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_has_the_colours_of_the_scheme_and_nothing_goes_on_at_the_side(
    browser, page, scheme, paper, device
):
    with opened(browser, page, color_scheme=scheme, **device) as shown:
        colour = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour.startswith(f"rgb({paper}, ")
        width = shown.evaluate("document.documentElement.scrollWidth")
        assert width == shown.viewport_size["width"]


def test_the_folder_opens_wherever_it_is_copied_to_with_every_picture(browser, page, tmp_path):
    there = shutil.copytree(page.parent, tmp_path / "a copy, elsewhere ü")
    with opened(browser, there / "index.html", **DESKTOP) as shown:
        widths = shown.evaluate(
            """async () => {
                const pictures = [...document.images];
                pictures.forEach((picture) => (picture.loading = "eager"));
                await Promise.all(pictures.map((picture) => picture.decode()));
                return pictures.map((picture) => picture.naturalWidth);
            }"""
        )
    assert len(widths) > 20
    assert min(widths) > 0


def test_pictures_out_of_sight_are_not_loaded(desktop):
    loaded = "[...document.images].filter((picture) => picture.complete).length"
    assert desktop.evaluate(loaded) < desktop.evaluate("document.images.length")


def test_a_picture_says_its_name_when_pointed_at(desktop):
    picture = desktop.locator(".strip img").first
    picture.hover()
    assert picture.get_attribute("title") == picture.get_attribute("alt") != ""


def test_the_list_of_contents_follows_and_unfolds_the_section_in_view(desktop):
    assert desktop.locator(CURRENT).count() == 1
    for run in ("run-2", "run-1"):
        desktop.evaluate(f"document.getElementById('{run}-training').scrollIntoView()")
        desktop.wait_for_selector(f'{CURRENT}[href="#{run}-training"]')
        unfolded = desktop.locator("nav li details[open] a").all()
        assert {link.get_attribute("href").split("-")[1] for link in unfolded} == {run[-1]}
    assert desktop.locator(CURRENT).count() == 1
    assert "rival" not in desktop.locator(CURRENT).inner_text()


def test_at_the_end_of_the_page_its_last_section_is_current(desktop):
    desktop.evaluate("scrollTo(0, document.body.scrollHeight)")
    desktop.wait_for_selector(f'{CURRENT}[href="#about"]')


def test_the_current_entry_stays_in_sight_of_a_long_list(desktop):
    desktop.set_viewport_size({"width": 1280, "height": 300})
    desktop.evaluate("document.getElementById('about').scrollIntoView()")
    desktop.wait_for_selector(f'{CURRENT}[href="#about"]')
    box = desktop.locator(CURRENT).bounding_box()
    assert 0 <= box["y"] <= 300 - box["height"]


def test_on_a_phone_the_contents_are_a_menu_that_closes_behind_what_was_chosen(phone):
    entry, menu = phone.locator('nav a[href="#results"]'), phone.locator("nav .contents > summary")
    assert not entry.is_visible()
    menu.tap()
    entry.tap()
    phone.wait_for_selector(f'{CURRENT}[href^="#results"]', state="attached")
    assert not entry.is_visible()
    assert 0 <= phone.locator("#results h2").bounding_box()["y"] < 150
    assert "Results" in menu.inner_text()  # it stays in sight, and says where one is
    menu.tap()
    phone.keyboard.press("Escape")
    assert not entry.is_visible()


def test_everything_is_reached_by_the_keyboard(desktop):
    def focused(what):
        return desktop.evaluate(f"document.activeElement.{what}")

    desktop.keyboard.press("Tab")
    assert focused("textContent") == "Skip to the findings"
    desktop.keyboard.press("Enter")
    assert desktop.url.endswith("#main")
    desktop.keyboard.press("Shift+Tab")  # back from the findings: the last entry of the contents
    assert focused("hash") == "#about"
    desktop.locator('nav a[href="#run-1"]').focus()
    desktop.keyboard.press("Tab")
    assert focused("tagName") == "SUMMARY"
    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    assert focused("hash") == "#run-1-training"
    desktop.locator("th button").first.focus()
    desktop.keyboard.press("Enter")
    assert focused("parentElement.ariaSort") in ("ascending", "descending")


def test_without_scripts_the_contents_are_a_list_and_pictures_are_shown(browser, page):
    for device in (DESKTOP, PHONE):
        with opened(browser, page, java_script_enabled=False, **device) as shown:
            assert shown.locator('nav a[href="#about"]').is_visible()
            assert shown.locator(".strip img").first.is_visible()


def test_on_paper_the_page_is_light_without_its_contents_and_no_box_is_cut_off(desktop):
    desktop.emulate_media(media="print", color_scheme="dark")
    assert desktop.evaluate("getComputedStyle(document.body).backgroundColor").count("255") == 3
    assert not desktop.locator("nav").is_visible()
    assert desktop.locator("main").bounding_box()["x"] < 40
    boxes = (
        "[...document.querySelectorAll('.tall')].map((box) => box.scrollHeight - box.clientHeight)"
    )
    assert max(desktop.evaluate(boxes)) <= 1


def test_a_table_that_goes_on_at_the_right_says_so(browser, page):
    wide = '.scroll.wide[aria-label="Runs by backbone, classes"]'
    with opened(browser, page, viewport={"width": 500, "height": 900}) as shown:
        shown.wait_for_selector(wide)
        shown.set_viewport_size({"width": 2400, "height": 900})
        shown.wait_for_selector(wide, state="detached")


def test_a_category_is_chosen_by_the_keyboard_without_scripts(browser, page):
    with opened(browser, page, java_script_enabled=False, **PHONE) as shown:
        options = shown.locator(".choice").first.locator("details")
        assert options.count() == 3
        is_open = [options.nth(i).get_attribute("open") is not None for i in range(3)]
        assert is_open == [True, False, False]
        options.nth(1).locator("summary").focus()
        shown.keyboard.press("Enter")
        is_open = [options.nth(i).get_attribute("open") is not None for i in range(3)]
        assert is_open == [False, True, False]
        assert options.nth(1).get_by_role("columnheader", name="merged").is_visible()
