"""Fixtures for every test, and shape checking of the tensor packages."""

import os
import sys
from pathlib import Path

import jaxtyping
import pytest

# In production `Float[Tensor, "batch classes"]` is a plain annotation (pipeline_lib/nn/shapes.py);
# here jaxtyping stands in for it, so that every call is checked against its declared shapes.
sys.modules["pipeline_lib.nn.shapes"] = jaxtyping
_hook = jaxtyping.install_import_hook(
    ["pipeline_lib.nn", "pipeline_lib.families", "pipeline_lib.methods"], "beartype.beartype"
)

import torch  # noqa: E402

from pipeline_lib.allocator import keep_freed_memory  # noqa: E402
from pipeline_lib.project import packaged  # noqa: E402
from tests.browser import browser  # noqa: E402, F401
from tests.schedule import pytest_xdist_make_scheduler  # noqa: E402, F401
from tests.sentences import tiny_sentences  # noqa: E402, F401

ROOT = Path(__file__).parents[1]
USERS = str(ROOT / "params.yaml")


keep_freed_memory()


def _refuse_users_params(event: str, arguments: tuple[object, ...]) -> None:
    """Whoever edits params.yaml has a green suite: tests read presets, or files of their own."""
    if event == "open" and isinstance(arguments[0], str) and arguments[0].endswith("params.yaml"):
        assert os.path.abspath(arguments[0]) != USERS, (
            "a test opens the checkout's own params.yaml; read tests/presets.py"
        )


sys.addaudithook(_refuse_users_params)


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def shared_data() -> Path:
    """The folder of small real data sets, which lies beside the repository where there is one."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data in ../shared/data, which is not here")
    return folder


@pytest.fixture(scope="session")
def packaged_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with EfficientNet-Lite0 and MiniLM, of packages that the extra `weights` names."""
    wanted = ("tf_efficientnet_lite0", "all-MiniLM-L6-v2")
    for name in wanted:
        if packaged.ALL[name].place() is None:
            pytest.skip(f"needs the package {packaged.ALL[name].distribution}, which is not here")
    folder = tmp_path_factory.mktemp("weights")
    for name in wanted:
        packaged.fetch(name, folder)
    return folder


@pytest.fixture
def rng() -> torch.Generator:
    """A seeded generator of random tensors."""
    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
