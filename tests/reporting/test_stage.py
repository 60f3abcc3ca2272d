import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.metrics import measures
from tests.clustering.algorithms import HDBSCAN
from tests.reporting.conftest import cluster
from tests.reporting.explorer.looked_up import looked_up

CLASSES = ["harbour", "<b>\"Köter\" & 'co'</b>", "船 {{ 7 * 7 }}"]
VOID = {"meta", "img", "br", "input"}


class Reader(HTMLParser):
    """Collects what a browser would show and fetch, and checks that tags are nested."""

    def __init__(self, html):
        super().__init__()
        self.open, self.words, self.links, self.ids, self.tags = [], [], [], set(), set()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.add(tag)
        self.links += [v for k, v in attrs if k in ("src", "href", "srcset", "action", "data")]
        if "id" in values:
            assert values["id"] not in self.ids
            self.ids.add(values["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def page(html):
    return Reader(html)


def test_the_page_fetches_nothing(html, page):
    assert [link for link in page.links if not link.startswith(("pictures/", "data/", "#"))] == []
    assert sum(link.startswith("pictures/") for link in page.links) > 20
    assert not re.search(r"https?:|url\(|@import|<link|<iframe|fetch\(|XMLHttp", html)


def test_every_picture_is_one_file_however_often_it_is_shown(page, written):
    shown = [link for link in page.links if link.startswith("pictures/")]
    files = [path.relative_to(written).as_posix() for path in (written / "pictures").iterdir()]
    opened = [link for link, *_ in looked_up(written)["images"]["pictures"]]
    assert sorted(files) == sorted({*shown, *opened})
    assert len(files) < len(shown)


def test_every_picture_has_the_size_and_the_name_that_the_page_says(html, written):
    found = re.findall(r'<img src="([^"]+)" width="(\d+)" height="(\d+)" alt="(\S+): ', html)
    for link, width, height, name in found:
        with Image.open(written / link) as picture:
            assert picture.size == (int(width), int(height))
        assert re.fullmatch(r"(train|val|test|test_shift)-\d+", name)
    assert len(found) == html.count("<img ") > 20


def test_links_lead_somewhere(page):
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert {
        "results",
        "data",
        "run-1",
        "run-2",
        "run-3",
        "clusters",
        "relations",
        "about",
    } < page.ids


def test_names_are_shown_as_they_are_and_never_as_markup(page):
    for name in (*CLASSES, "boat & oar", "<i>lamp</i>", "rival & son", "tiny & <small>"):
        assert name in page.text
    assert "<broken> & cut" in page.text


def test_no_template_is_left_unfilled(page):
    assert "{%" not in page.text
    assert "船 49" not in page.text
    assert "None" not in page.text.replace("None: every item", "")


def test_scores_are_percentages_with_their_difference_to_the_reference(page):
    # Base is right on 15 of 30 test images, its rival on all.
    assert "Top-1 accuracy" in page.text
    assert re.search(r"50\.0 \[[\d.]+, [\d.]+\]", page.text)
    assert re.search(r"▲ \+50\.0 \[\+[\d.]+, \+[\d.]+\] better than base", page.text)


def test_a_difference_that_covers_zero_is_said(page):
    # The twin misses one image of 30 that base has: 3.3 points, never more than 0.
    assert re.search(r"○ −3\.3 \[−[\d.]+, \+0\.0\] no difference shown: base", page.text)


def test_a_worse_run_is_called_worse(workspace, tmp_path):
    workspace.params["methods"]["base"]["reference"] = "rival & son"
    assert re.search(
        r"▼ −50\.0 \[−[\d.]+, −[\d.]+\] worse", Reader(workspace.report(tmp_path)).text
    )


def test_without_a_reference_no_run_is_called_better(workspace, tmp_path):
    for run in workspace.params["methods"].values():
        run["reference"] = ""
    text = Reader(workspace.report(tmp_path)).text
    assert [mark for mark in "▲▼○" if mark in text] == []
    assert "better than" not in text
    assert "no difference shown:" not in text


def test_leaks_are_marked_with_their_reasons(workspace, page, tmp_path):
    assert "leaks classify: paper" in page.text
    assert "Leaks." in page.text
    del workspace.params["methods"]["rival & son"]
    clean = Reader(workspace.report(tmp_path)).text
    assert "classify: paper" not in clean
    assert "Leaks." not in clean


def test_test_comes_first_and_val_last(page):
    order = [page.text.index(f"{name} {images} images") for name, images in
             (("test", 30), ("test_shift", 9), ("val", 6))]  # fmt: skip
    assert order == sorted(order)


def test_the_table_holds_every_run_split_and_metric(workspace, tmp_path):
    workspace.report(tmp_path)
    frame = COMPARISON.read(tmp_path / "comparison.parquet")
    tested, val = (len(measures("classes", [1, 2], chosen=chosen)) for chosen in (True, False))
    assert len(frame) == 3 * (2 * tested + val)  # runs, splits, metrics
    top = {
        (r["run"], r["split"]): (r["value"], r["difference"], r["covers_zero"])
        for r in frame.iter_rows(named=True)
        if r["metric"] == "top_k_accuracy_1"
    }
    assert top["base", "test"] == (0.5, None, None)
    assert top["rival & son", "test"] == (1.0, 0.5, False)
    assert top["twin", "test"] == (pytest.approx(14 / 30), pytest.approx(-1 / 30), True)


def test_disabled_runs_are_left_out(workspace, tmp_path):
    del workspace.params["methods"]["twin"]
    assert "twin" not in Reader(workspace.report(tmp_path)).text
    assert "twin" not in COMPARISON.read(tmp_path / "comparison.parquet")["run"].to_list()


def test_labels_that_no_run_predicts_are_said(workspace, tagged, tmp_path, capsys):
    said = "3 tags of the data set are predicted by no run; "
    assert said in Reader(workspace.report(tmp_path / "classes")).text
    assert f"report: {said}`protoweave methods --enable base_tags`" in capsys.readouterr().out
    assert "predicted by no run" not in tagged.report(tmp_path / "both")


def test_without_runs_the_data_set_is_still_shown(bare, tmp_path):
    page = Reader(bare.report(tmp_path))
    assert "No run is enabled" in page.text
    assert "Pictures of train" in page.text
    assert {"data", "about"} < page.ids
    assert not page.ids & {"run-1", "clusters", "relations"}
    assert len(COMPARISON.read(tmp_path / "comparison.parquet")) == 0


def test_clusters_are_shown_without_relations(workspace, tmp_path):
    folder = workspace.artifacts
    workspace = replace(workspace, folder=tmp_path)
    (tmp_path / "artifacts").mkdir()
    for stage in ("ingest", "features", "clusters", "train", "evaluate"):
        (tmp_path / "artifacts" / stage).symlink_to(folder / stage)
    page = Reader(workspace.report(tmp_path / "out"))
    assert "clusters" in page.ids
    assert "relations" not in page.ids


def test_images_outside_every_cluster_are_told(workspace, tmp_path):
    folder, sections = workspace.artifacts, workspace.params
    sections["clusters"]["algorithm"] = HDBSCAN | {"min_cluster_size": 3, "min_samples": 2}
    workspace = replace(workspace, folder=tmp_path)
    (tmp_path / "artifacts").mkdir()
    for stage in ("ingest", "features", "train", "evaluate"):
        (tmp_path / "artifacts" / stage).symlink_to(folder / stage)
    cluster(workspace)
    found = read_json(tmp_path / "artifacts/clusters/classes/metrics.json")
    page = Reader(workspace.report(tmp_path / "out"))
    assert found["noise"] > 0
    assert f"outside every cluster {found['noise']:.0f} images" in page.text
    assert f"noise {found['noise']:.0f} images" in page.text


def test_rejected_items_are_grouped_by_reason_with_examples(page):
    assert re.search(r"truncated image 4 bad0.jpg <broken> & cut bad1.jpg .* bad2.jpg", page.text)
    assert "bad3.jpg" not in page.text
    assert "empty file 1 bad4.jpg" in page.text


def test_what_the_data_set_holds_is_what_was_used_rejected_or_ignored(page, workspace):
    used = len(workspace.collection.samples)
    assert f"holds {used + 17} images and other files: {used} used, 4 rejected, 13 ignored" in (
        page.text
    )
    assert "(not an image: .txt 12, hidden file 1)." in page.text


def test_only_some_classes_are_pictured_and_unseen_tags_are_marked(page):
    assert "Classes not shown: 1." in page.text  # report.sheet_classes is 2 of 3
    assert "guitar unseen" in page.text


def test_the_page_says_how_the_numbers_were_made(page):
    assert "per_image_pr" in page.text
    assert "100 draws, seed 0" in page.text  # section evaluation
    assert re.search(r"torch \d.*timm \d.*polars \d", page.text)


def test_another_page_leaves_no_picture_of_the_one_before(workspace, bare, tmp_path):
    workspace.report(tmp_path)
    page = Reader(bare.report(tmp_path))
    shown = {link for link in page.links if link.startswith("pictures/")}
    shown |= {link for link, *_ in looked_up(tmp_path)["images"]["pictures"]}
    assert {f"pictures/{path.name}" for path in (tmp_path / "pictures").iterdir()} == shown
    assert len(list((tmp_path / "data").iterdir())) == 2


def test_two_processes_write_the_same_bytes(workspace, root, tmp_path):
    written = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        options = [*map(str, workspace.folders), f"--out={out}"]
        options.append(f"--params={workspace.params_file}")
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-m", "stages.report", *options]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
        files = sorted(path for path in out.rglob("*") if path.is_file())
        written.append({p.relative_to(out).as_posix(): p.read_bytes() for p in files})
    assert written[0] == written[1]
    assert str(tmp_path).encode() not in written[0]["index.html"]


def test_a_run_that_was_not_evaluated_is_refused(workspace, tmp_path):
    workspace.params["methods"]["planned"] = {"method": "base"}
    with pytest.raises(InputError, match=r"planned/scores.safetensors: missing; run `dvc repro"):
        workspace.report(tmp_path)


def test_what_a_stage_that_is_off_wrote_before_is_not_read(workspace, tmp_path):
    workspace.params["shared"] |= {"clusters": [], "relations": []}
    assert (workspace.artifacts / "clusters/classes/assignments.parquet").exists()
    page = Reader(workspace.report(tmp_path))
    assert not page.ids & {"clusters", "relations"}


def test_what_a_stage_wrote_for_a_target_that_is_off_is_not_read(workspace, tmp_path):
    on = {"clusters": ["tags"], "relations": ["tags"], "category_graph": ["classes"]}
    workspace.params["shared"] |= on
    page = Reader(workspace.report(tmp_path))
    assert not page.ids & {"clusters", "relations", "graph-tags"}
