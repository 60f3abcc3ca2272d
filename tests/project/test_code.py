import hashlib

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.project.code import code_reasons, of_code

SCRIPT = """
import shutil, sys
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
shutil.copytree("now", out, dirs_exist_ok=True)
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose stage `code` writes what lies in the folder `now`."""
    for folder in ("stages", "now/train", ".dvc"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n")
    (tmp_path / "stages/__init__.py").touch()
    (tmp_path / "stages/code.py").write_text(SCRIPT)
    return tmp_path


def locked(checkout, text, path="train/base.txt", *, kept=True):
    """Return what dvc.lock says of a stage that executed what the listing says."""
    md5 = hashlib.md5(text.encode()).hexdigest()
    if kept:
        file = checkout / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    deps = [{"path": "in.txt", "md5": "0"}, {"path": f"data/artifacts/code/{path}", "md5": md5}]
    return {"deps": deps}


def reasons(checkout, **stages):
    return code_reasons(checkout, stages)


def test_modules_that_changed_came_or_went_are_named(checkout):
    stage = locked(checkout, "a.py 1\nb.py 2\nc.py 3\n")
    (checkout / "now/train/base.txt").write_text("a.py 1\nb.py 4\nd.py 5\n")
    assert reasons(checkout, train=stage) == {
        "train": ["code b.py changed", "code c.py is gone", "code d.py is new to it"]
    }


def test_a_stage_with_the_same_listing_is_left_out(checkout):
    stage = locked(checkout, "a.py 1\n")
    (checkout / "now/train/base.txt").write_text("a.py 1\n")
    assert reasons(checkout, train=stage, other={"deps": []}, without={}) == {}


def test_where_the_old_listing_is_not_in_the_cache_the_change_is_told_all_the_same(checkout):
    stage = locked(checkout, "a.py 1\n", kept=False)
    (checkout / "now/train/base.txt").write_text("a.py 2\n")
    assert reasons(checkout, train=stage) == {"train": ["its code changed"]}


def test_a_run_that_is_no_longer_there_is_told(checkout):
    stage = locked(checkout, "a.py 1\n", "train/old.txt")
    (told,) = reasons(checkout, train=stage)["train"]
    assert told == "code data/artifacts/code/train/old.txt is no longer listed"


def test_code_that_cannot_be_read_is_an_error_with_its_reason(checkout):
    (checkout / "stages/code.py").write_text("import sys\nsys.exit('b.py: no Python')\n")
    with pytest.raises(InputError, match=r"^the code cannot be listed: b\.py: no Python$"):
        reasons(checkout)


def test_listings_are_told_from_other_paths():
    assert of_code("data/artifacts/code/train/base.txt")
    assert not of_code("data/artifacts/codes/x")
    assert not of_code("pipeline_lib")
