"""The page of `dvc plots show` fetches nothing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.browser import opened

DVC_YAML = """\
plots:
- history.csv: {x: epoch, y: loss, title: 'base: training loss'}
- predictions.csv: {template: confusion, x: actual, y: predicted}
"""


@pytest.fixture
def page(tmp_path: Path, root: Path) -> Path:
    """What DVC writes for a curve and a confusion table under this project's configuration."""

    def dvc(*arguments: str) -> str:
        command = [sys.executable, "-m", "dvc", *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    dvc("init", "--no-scm", "--quiet")
    for name in ("config", "plots.html"):
        shutil.copy(root / ".dvc" / name, tmp_path / ".dvc" / name)
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "history.csv").write_text("epoch,loss\n0,2.5\n1,1.5\n")
    (tmp_path / "predictions.csv").write_text("actual,predicted\na,b\nb,b\n")
    return Path(dvc("plots", "show", "--out", "page").strip().removeprefix("file://"))


def test_the_page_fetches_nothing(page):
    html = page.read_text(encoding="utf-8")
    assert "base: training loss" in html
    assert html.count("vegaEmbed('#") == 2
    markup = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"<script[^>]+src|<link|<iframe|<img|@import|url\(", markup)
    assert "cdn." not in html


def test_the_page_draws_without_a_network(browser, page):
    with opened(browser, page) as shown:
        shown.wait_for_selector(".marks >> nth=1")
        assert shown.locator(".marks").count() == 2


def test_runs_alone_give_dvc_metrics_so_that_its_table_stays_narrow(root):
    """The table has a column for every name in any file; evaluation/brief.py allows eight."""
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    bodies = {name: stage.get("do", stage) for name, stage in stages.items()}
    assert [name for name, body in bodies.items() if "metrics" in body] == ["evaluate"]
