"""A real Chromium without a network, where it and playwright are installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for each module: as long as it runs, tests of the same process can run no loop."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs Chromium, which is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=[*OPTIONS])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, page: Path, **options: Any) -> Iterator[Any]:
    """Open a file; it may make no mistake, nor ask for anything outside of its folder."""
    context = browser.new_context(**options)
    shown, mistakes, asked = context.new_page(), [], []
    shown.on("console", lambda said: said.type == "error" and mistakes.append(said.text))
    shown.on("pageerror", lambda error: mistakes.append(str(error)))
    shown.on("requestfailed", lambda request: mistakes.append(f"failed: {request.url}"))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(page.as_uri())
    try:
        yield shown
    finally:
        context.close()
    assert mistakes == [], mistakes
    outside = [url for url in asked if not url.startswith((page.parent.as_uri(), "data:"))]
    assert outside == [], outside


def faults(shown: Any, *within: str) -> list[str]:
    """Return what axe finds with everything unfolded, in the page or in some parts (selectors)."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    shown.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in axe.Axe().run(shown, list(within) or None).response["violations"]
        for node in rule["nodes"]
    ]
