"""A page in a real browser that reaches nothing but the files of a folder."""

import shutil

import pytest

from tests.browser import BROWSERS, NOWHERE


@pytest.fixture(scope="module")
def chromium():
    """Chromium, driven by Playwright; the tests are skipped where either is missing."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("needs Chromium, which is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    with api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", NOWHERE]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()
