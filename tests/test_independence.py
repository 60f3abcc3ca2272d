"""The suite is the project's: what a user edits changes no test."""

import os
import shutil

import pytest


@pytest.mark.parametrize("read", [open, os.open, lambda path, mode: shutil.copy(path, os.devnull)])
def test_no_test_can_read_the_users_params(root, monkeypatch, read):
    monkeypatch.chdir(root)
    for path in ("params.yaml", str(root / "params.yaml"), str(root / "tests" / "../params.yaml")):
        with pytest.raises(AssertionError, match=r"opens the checkout's own params\.yaml"):
            read(path, os.O_RDONLY if read is os.open else "r")
