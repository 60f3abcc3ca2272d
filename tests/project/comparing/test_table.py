import io
import re
import shutil
import subprocess
from dataclasses import replace

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.errors import InputError
from pipeline_lib.project.comparing import runs_table, table_text
from pipeline_lib.project.comparing.named_run import find

BASE, RIVAL, TWIN, TAGS, DLSA = "base", "rival & son", "twin", "plain & tags", "dlsa"


def outcomes(checkout, *names):
    return [run.outcome for run in find(checkout.root, list(names), [])]


def shown(checkout, *names, views=("test",), metrics=(), reference="", spread=False):
    other = outcomes(checkout, reference)[0] if reference else None
    scores = runs_table.scores(outcomes(checkout, *names), views, metrics, other)
    return table_text.text_of(scores, other, spread=spread)


def invoke(*words):
    return CliRunner().invoke(cli.app, words, catch_exceptions=False).output


def unescaped(cell):
    """Read a cell of LaTeX back."""
    for known, text in table_text.SPECIAL.items():
        cell = cell.replace(text, known) if text != r"\textbackslash{}" else cell
    return cell.replace(r"\textbackslash{}", "\\")


def test_a_row_has_a_metric_with_its_interval_and_the_gain_over_the_reference(judged):
    text = shown(judged, RIVAL, BASE, reference=BASE)
    assert text.heads == ["run", "seeds", "Top-1 accuracy", "gain"]
    rival, base = text.rows
    assert rival[:3] == [RIVAL, "2", "100.0 [100.0, 100.0]"]
    (run,) = outcomes(judged, BASE)
    flat = run.metrics["test"]
    low, high = (100 * flat[f"top_k_accuracy_1_{end}"] for end in ("low", "high"))
    assert base[2:] == [f"50.0 [{low:.1f}, {high:.1f}]", "–"]
    # the rival is right on all images, so its gain is what base lacks in each resample
    assert rival[3] == f"+50.0 [+{100 - high:.1f}, +{100 - low:.1f}]"


def test_without_a_metric_each_target_has_the_one_that_sums_it_up(judged):
    text = shown(judged, BASE, DLSA)
    assert text.heads == ["run", "seeds", "Top-1 accuracy", "mAP"]
    assert [row[2:].count("–") for row in text.rows] == [1, 1]


def test_metrics_and_splits_are_chosen_and_columns_say_which(judged):
    text = shown(judged, BASE, views=["test", "val"], metrics=["macro_f1_1", "top_k_accuracy_2"])
    assert text.heads[2:] == [
        *("Top-2 accuracy, test", "Macro F1@1, test"),
        *("Top-2 accuracy, val", "Macro F1@1, val"),
    ]
    assert text.caption.startswith(
        "Metrics in percent on test (30 images) and val (6 images), mean"
    )


def test_metrics_of_one_title_are_told_apart(judged):
    text = shown(judged, DLSA, metrics=["per_image_pr_f1_1", "micro_pr_f1_1"])
    assert text.heads[2:] == ["F1@1 (per_image_pr_f1_1)", "F1@1 (micro_pr_f1_1)"]


def test_the_caption_says_over_what_intervals_are(judged):
    text = shown(judged, DLSA, TAGS, reference=TAGS, spread=True)
    assert "95 % intervals over the images (100 resamples of them)" in text.caption
    assert "no spread between seeds" in text.caption
    assert "percentage points over plain & tags on the same images" in text.caption
    (run,) = outcomes(judged, DLSA)
    spread = 100 * run.metrics["test"]["map_noninterpolated_seed_std"]
    assert f" ± {spread:.1f} [" in text.rows[0][2]
    assert "±" not in shown(judged, DLSA).rows[0][2]


def test_the_csv_holds_full_precision(judged):
    runs = outcomes(judged, DLSA, BASE)
    found = runs_table.scores(runs, ["test", "val"], [], outcomes(judged, TAGS)[0])
    table = pl.read_csv(io.StringIO(runs_table.csv(found)), schema=runs_table.ROW)
    assert table.select("run", "split").rows() == [
        (run, split) for run in (DLSA, BASE) for split in ("test", "val")
    ]
    for row in table.iter_rows(named=True):
        (run,) = (one for one in runs if one.name == row["run"])
        assert row["value"] == run.metrics[row["split"]][row["metric"]]
        assert row["seed_std"] == run.metrics[row["split"]][f"{row['metric']}_seed_std"]
    assert table["difference"].is_null().to_list() == [False, False, True, True]
    assert table["reference"].fill_null("").to_list() == [TAGS, TAGS, "", ""]


def test_markdown_is_aligned_whatever_the_names(judged):
    text = shown(judged, BASE, RIVAL, reference=BASE)
    wide = replace(text, rows=[["船 | 1", *text.rows[0][1:]], *text.rows[1:]])
    table, caption = table_text.markdown(wide).split("\n\n")
    lines = table.splitlines()
    widths = {table_text._width(line) for line in lines}
    assert len(widths) == 1
    assert len({len(re.split(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert r"船 \| 1" in lines[2]
    assert caption.strip() == text.caption


def test_latex_is_escaped_and_says_the_same(judged):
    names = [r"a_b & 50% #1 {x} $y$ ~ ^ \z <q> |", "[d]", RIVAL]
    text = shown(judged, RIVAL, reference=BASE)
    wide = replace(text, rows=[[name, *text.rows[0][1:]] for name in names])
    lines = table_text.latex(wide).splitlines()
    rows = [line.strip().removesuffix(r" \\") for line in lines if line.endswith(r" \\")]
    cells = [[unescaped(c) for c in re.split(r"(?<!\\) & ", row)] for row in rows]
    assert cells[0] == wide.heads
    assert [row[0].removeprefix("{}") for row in cells[1:]] == names
    assert [row[1:] for row in cells[1:]] == [row[1:] for row in wide.rows]
    assert rows[2].startswith("{}[")  # else the end of the row above takes it for an option
    (columns,) = (
        re.search(r"{tabular}{(\w+)}", line) for line in lines if "begin{tabular}" in line
    )
    assert len(columns[1]) == len(wide.heads)
    for name in ("table", "tabular"):
        opened = [line.strip() for line in lines]
        assert opened.index(rf"\end{{{name}}}") > 0
    bare = re.sub(r"\\[&%$#_{}\\]", "", "\n".join(lines))
    assert bare.count("{") == bare.count("}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_latex_compiles(judged, tmp_path):
    text = shown(judged, RIVAL, DLSA, BASE, reference=BASE, spread=True)
    odd = [
        [r"a_b & 50% #1 {x} $y$ ~ ^ \z <q> | \"o", *text.rows[0][1:]],
        ["[d]", *text.rows[0][1:]],
    ]
    table = table_text.latex(replace(text, rows=[*text.rows, *odd]))
    page = "\n".join(
        [
            r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}",
            rf"\begin{{document}}{table}\end{{document}}",
        ]
    )
    (tmp_path / "page.tex").write_text(page)
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 0


def test_the_command_shows_all_runs_or_some_and_writes_files(judged, monkeypatch, tmp_path):
    monkeypatch.chdir(judged.root)
    printed = invoke("table")
    assert printed == invoke("table", "--markdown")
    assert [name for name in (BASE, RIVAL, TWIN, TAGS, DLSA) if f"| {name} " in printed] == [
        *(BASE, RIVAL, TWIN, TAGS, DLSA)
    ]
    path = tmp_path / "tables/table.csv"
    said = invoke("table", f"HEAD:{BASE}", DLSA, "--csv", "--out", str(path))
    assert said == f"{path}: 2 values of 2 runs\n"
    assert pl.read_csv(path)["run"].to_list() == [f"HEAD:{BASE}", DLSA]
    assert invoke("table", BASE, "--latex").startswith(
        "% needs \\usepackage{booktabs}\n\\begin{table}"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--latex", "--csv"], r"writes one form, expected one of --latex, --markdown and --csv"),
        ([BASE, "--metric", "macro_f1"], r"'macro_f1' is no metric .*did you mean 'macro_f1_2'"),
        ([BASE, "--split", "tests"], r"'tests' is no split or view .*did you mean 'test'"),
        ([BASE, "--reference", "bsae"], r"no run 'bsae'; did you mean 'base'"),
    ],
)
def test_what_there_is_not_is_refused(judged, monkeypatch, words, message):
    monkeypatch.chdir(judged.root)
    with pytest.raises(InputError, match=message):
        invoke("table", *words)
