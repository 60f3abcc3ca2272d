"""The suite is the project's, and what stands alone in the library needs nothing of the rest."""

import os
import shutil
import subprocess
import sys

import pytest

import pipeline_lib


@pytest.mark.parametrize("read", [open, os.open, lambda path, mode: shutil.copy(path, os.devnull)])
def test_no_test_can_read_the_users_params(root, monkeypatch, read):
    monkeypatch.chdir(root)
    for path in ("params.yaml", str(root / "params.yaml"), str(root / "tests" / "../params.yaml")):
        with pytest.raises(AssertionError, match=r"opens the checkout's own params\.yaml"):
            read(path, os.O_RDONLY if read is os.open else "r")


LARGE = ("dvc", "open_clip", "polars", "pydantic", "timm", "torch", "typer")


@pytest.mark.parametrize(
    "code",
    [
        "import pipeline_lib; pipeline_lib.__version__",
        "from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART; FuzzyART()",
    ],
    ids=["the package", "FuzzyART"],
)
def test_what_stands_alone_imports_neither_torch_nor_dvc(code, root):
    told = f"{code}\nimport sys; print(sorted({set(LARGE)} & set(sys.modules)))"
    command = [sys.executable, "-c", told]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_stages_without_a_vision_language_model_do_not_wait_for_open_clip(root):
    stages = ("baseline", "features", "maps", "csnet", "regions", "train", "evaluate", "report")
    told = f"import sys, stages.{', stages.'.join(stages)}\nprint('open_clip' in sys.modules)"
    command = [sys.executable, "-c", told]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_the_package_offers_is_fetched_by_name():
    from pipeline_lib import __version__, api, load, open_project, version

    assert (load, open_project) == (api.load, api.open_project)
    assert __version__ == version.__version__
    with pytest.raises(AttributeError, match="module 'pipeline_lib' has no attribute 'nothing'"):
        pipeline_lib.nothing  # noqa: B018
