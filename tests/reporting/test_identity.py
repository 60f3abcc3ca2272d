"""What a run is headed by."""

import hashlib
import re
from dataclasses import replace

from pipeline_lib.reporting.sections.identity import Setting, identity
from tests.reporting.test_stage import Reader

RATES = {"recipe": {"lr": 0.1, "epochs": 4}}


def with_settings(run, method, **settings):
    header = {"method": method, "seeds": [0], "settings": RATES | settings}
    return replace(run, header=run.header | header)


def test_a_run_differs_from_runs_of_its_method_in_what_was_varied(small_run):
    values = {"per_image_pr_precision_1": [1.0], "per_image_pr_recall_1": [1.0]}
    runs = [
        with_settings(small_run(name, ["a"], **values), "csrms", smoothing={"k": k}, flip=True)
        for name, k in (("my_1", 1), ("my_3", 3), ("my_9", 9))
    ]
    found = identity(runs[1], runs)
    assert found.among == [Setting("smoothing.k", "3", ["1", "9"])]
    assert (found.siblings, found.against) == (["my_1", "my_9"], [])
    assert found.settings["flip"] == "true"


def test_beside_another_method_the_settings_of_both_are_compared(small_run):
    values = {"per_image_pr_precision_1": [1.0], "per_image_pr_recall_1": [1.0]}
    base = with_settings(small_run("base", ["a"], **values), "base", dropout=0.1)
    new = with_settings(
        small_run("new", ["a"], references=("base",), **values),
        "csrms",
        recipe={"lr": 0.3, "epochs": 4},
        smoothing={"k": 3},
    )
    found = identity(new, [base, new])
    assert found.against == [Setting("recipe.lr", "0.3", ["0.1"])]
    assert (found.siblings, found.among) == ([], [])


def test_a_run_with_settings_its_sibling_lacks_says_so(small_run):
    values = {"per_image_pr_precision_1": [1.0], "per_image_pr_recall_1": [1.0]}
    plain, more = (
        with_settings(small_run(name, ["a"], **values), "base", **settings)
        for name, settings in (("plain", {}), ("more", {"warmup": 1}))
    )
    assert identity(plain, [plain, more]).among == [Setting("warmup", "–", ["1"])]


def test_the_page_heads_every_run_with_backbone_epochs_seeds_and_cost(workspace, html):
    text = Reader(html).text
    part = text[text.index("Run rival & son") :] if "Run rival & son" in text else text
    part = part[part.index("CSRMS: class-level") :]
    assert re.search(
        r"backbone lenet5 at 64 pixels epochs 2 images encoded 2,468 a seed seeds 0, 1 "
        r"compared with base",
        part,
    )
    scores = workspace.artifacts / "train" / "rival & son" / "scores.safetensors"
    digest = hashlib.md5(scores.read_bytes(), usedforsecurity=False).hexdigest()
    assert f"has the MD5 {digest}" in part  # as dvc.lock writes it


def test_runs_in_tables_lead_to_their_sections(html):
    results = html[html.index('id="results"') : html.index('id="data"')]
    assert set(re.findall(r'href="#(run-\d)"', results)) == {"run-1", "run-2", "run-3"}


def test_every_box_that_scrolls_can_be_scrolled_by_keyboard_and_has_a_name_of_its_own(html):
    boxes = re.findall(r'<div class="scroll[^>]*>', html)
    assert len(boxes) > 5
    names = [re.search(r'aria-label="([^"]+)"', box)[1] for box in boxes]
    assert len(set(names)) == len(names)
    assert all('tabindex="0" role="region"' in box for box in boxes)


def test_every_heading_has_an_anchor(html):
    assert re.findall(r"<h3(?! id=)[^>]*>", html) == []
