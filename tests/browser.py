"""Chromium without a network, where it is installed."""

import shutil
import subprocess

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000")
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND"


def drawn(address: str, *options: str) -> str:
    """Return the document at an address once its scripts have run."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs Chromium, which is not installed")
    command = [browser, *OPTIONS, NOWHERE, *options, "--dump-dom", address]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout
