"""Every printed command runs, or says here why a test cannot run it."""

import ast
import re
import shlex
import shutil

import pytest
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.errors import InputError
from tests.commands.printed import ROOT, blocks, snippets
from tests.presets import default_text
from tests.project.start.kinds import tagged

HERE = (
    "start",
    "use",
    "methods",
    "datasets",
    "weights",
    "models",
    "deps",
    "doctor",
    "--help",
    "--version",
    "version",
)
# Run by tests/pipeline/test_commands.py in a project whose pipeline has run.
FINISHED = (
    *("protoweave explain", "protoweave inspect", "protoweave graph", "protoweave mine tags --dry"),
    *(
        "protoweave mine --from",
        "dvc metrics show",
        "dvc metrics diff",
        "dvc plots show",
        "dvc dag",
    ),
    *("dvc status", "dvc repro", "dvc checkout", "protoweave cost", "protoweave predict"),
    *("protoweave compare", "protoweave table", "protoweave evaluate-file"),
    *("protoweave export", "protoweave disk", "protoweave recognise"),
)
PLACEHOLDERS = {
    "PRESET": "quick",
    "NAME": "csrms",
    "PATTERN": "lenet*",
    "…": "data/raw/mine",
    "DIR": "data/raw/mine",
}
VALUES = {  # of an option that is mentioned alone
    **{"--data": "data/raw/mine", "--enable": "csrms", "--disable": "csrms"},
    **{"--backbone": "resnet18", "--weights": "mine.pt", "--image-size": "64"},
    "--set": "base.recipe.epochs=3",
}
ELSEWHERE = {
    # commands that a test cannot run, and why
    "dvc add": "a mention of the command",
    "dvc exp pull": "needs a remote",
    "dvc fetch --all-commits": "needs a remote: tests/pipeline has one",
    "dvc exp run": "a mention of the command",
    "dvc import -o data/raw/images REPOSITORY PATH": "needs another repository",
    "dvc push": "needs a remote: tests/pipeline has one",
    "git add data/raw/images.dvc": "is git's, after a change by hand",
    "dvc add data/raw/images": "needs a folder of pictures in a DVC project: tests/pipeline",
    "dvc add data/raw/weights.safetensors": "needs a checkpoint",
    "dvc config cache.type reflink,hardlink,symlink": "changes how DVC links, for large caches",
    "dvc config core.hardlink_lock true": "is for NFS",
    "dvc config core.site_cache_dir": "a mention of the option",
    "dvc exp show --only-changed": "needs experiments",
    "dvc gc -w": "deletes results",
    "dvc metrics": "a mention of the command",
    "dvc plots": "a mention of the command",
    "dvc pull": "needs a remote: tests/pipeline has one",
    "dvc pull train@dlsa": "needs a remote: tests/pipeline has one",
    "dvc pull data/artifacts/maps/tags/network.safetensors": "needs a remote: tests/pipeline",
    "dvc pull --run-cache": "needs a remote: tests/pipeline has one",
    "dvc push --run-cache": "needs a remote: tests/pipeline has one",
    "dvc remote add --default team s3://bucket/protoweave": "needs a bucket",
    "dvc {}": "its words are filled in when it is shown",
    "git add .dvc/config": "is git's, after a change by hand",
    "git add dvc.lock params.yaml": "is git's, after a change by hand",
    "git checkout": "is git's",
    "git clone": "needs a network",
    "git clone <this repository> protoweave": "needs a network",
    'git commit -m "Relations with 3 positives"': "is git's, after a change by hand",
    'git commit -m "Set the team\'s remote"': "is git's, after a change by hand",
    "git pull": "needs a network",
    "git lfs pull": "needs a network",
    "git push": "needs a network",
    "make bench": "takes minutes",
    "make docs": "takes ten seconds",
    "make lint": "takes minutes",
    "make repro": "installs an environment and takes a quarter of an hour",
    "make setup": "installs an environment",
    "make test": "is what runs this test",
    "pip wheel --no-deps --wheel-dir dist .": "is what tests/test_wheel.py does in another folder",
    "protoweave inspect --digest": "a mention of the option",
    "protoweave methods --enable mine": "follows steps of docs/extending.md: tests/project",
    "protoweave export": "a mention of the command",
    "protoweave export RUN --to": "a mention of the command",
    "protoweave mine": "a mention of the command",
    "protoweave start": "a mention of the command",
    "protoweave weights tf_efficientnet_lite0 all-MiniLM-L6-v2": "needs packages: tests/project",
    "protoweave mine --refresh": "asks a language model",
    "protoweave mine tags": "asks a language model",
    "python -m benchmarks.allocator": "takes a minute",
    "python -m benchmarks.art": "takes minutes; `make bench` runs its quick form",
    "python -m benchmarks.coco_json": "writes and reads half a gigabyte",
    "python -m benchmarks.export": "needs runs of a project: tests/stages/test_weights.py",
    "python predict.py PICTURE": "is run by tests/stages/test_weights.py",
    "pip install onnxruntime": "needs a network",
    "python -m benchmarks.headroom": "needs a trained backbone of scenes-hard, and takes minutes",
    "python -m benchmarks.lit": "takes minutes, and needs photographs with captions",
    "python -m benchmarks.ingest": "takes minutes; tests/benchmarks runs a small form",
    "python -m benchmarks.judging": "takes minutes; `make bench` runs its quick form",
    "python -m benchmarks.open_vocabulary": "takes minutes; `make bench` runs its quick form",
    "python -m benchmarks.predict": "takes minutes",
    "python -m benchmarks.quality": "takes minutes, and needs photographs",
    "python -m benchmarks.walk": "takes minutes, and needs photographs",
    "python -m benchmarks.repro": "needs a pipeline that has run: tests/pipeline measures one",
    "python -m tools.wordnet_nouns SOURCE": "takes a minute, and needs all of WordNet: tests/",
    "python -m tools.pictures": "needs a report of the default pipeline and Chromium",
    "python -m pipeline_lib.project.estimate.measure REQUEST ANSWER": "is run by start",
    "torchrun --nproc-per-node 4 -m stages.train …": "needs four GPUs",
}
NETWORK = ("pip install", "pip uninstall")  # change the environment of whoever runs them
PRINTED = list(blocks())


def runs_here(command):
    program, first, *_ = [*shlex.split(command), ""]
    return program == "protoweave" and first in HERE and command not in ELSEWHERE


def words_of(command):
    words = shlex.split(command)[1:]
    words += ["--no-cost"] * (words[0] == "start")  # tests/project/estimate measures
    filled = [PLACEHOLDERS.get(word, word) for word in words]
    value = [VALUES[words[-1]]] if words[-1] in VALUES else []
    return [word.replace("{}", "csrms") for word in filled] + value


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """What the commands read of a checkout."""
    root = tmp_path_factory.mktemp("commands") / "checkout"
    root.mkdir()
    for name in ("dvc.yaml", "data/none"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    (root / "params.yaml").write_text(default_text())
    shutil.copytree(ROOT / "presets", root / "presets")
    shutil.copytree(ROOT / "data/raw/scenes", root / "data/raw/scenes")
    tagged(root / "path/to/images")
    for name in ("pipeline_lib", "stages"):
        (root / name).symlink_to(ROOT / name)
    for name in (".git", ".dvc"):
        (root / name).mkdir()
    return root


@pytest.fixture
def checkout(template, tmp_path, monkeypatch):
    """A checkout of its own, in which the command is run."""
    root = shutil.copytree(template, tmp_path / "checkout", symlinks=True)
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    "commands",
    sorted({b.commands for b in PRINTED if any(map(runs_here, b.commands))}),
    ids=lambda commands: "; ".join(commands).replace("/", "|"),
)
def test_a_printed_command_runs(commands, checkout):
    for command in filter(runs_here, commands):
        result = CliRunner().invoke(cli.app, words_of(command))
        output = result.output + str(result.exception or "")
        if command == "protoweave doctor":  # says what this machine lacks
            assert not isinstance(result.exception, InputError), output
            continue
        assert result.exit_code == 0, (command, output)


def test_every_printed_command_is_run_or_says_why_not():
    left = [
        f"{block.place}: {command}"
        for block in PRINTED
        for command in block.commands
        if not runs_here(command)
        and not command.startswith((*FINISHED, *NETWORK))
        and command not in ELSEWHERE
    ]
    assert left == []


def test_a_command_that_a_finished_project_runs_is_printed_whole():
    printed = {command for block in PRINTED for command in block.commands}
    assert {c for c in printed if c.startswith(FINISHED) and "…" in c} == set()


def test_the_list_of_exceptions_holds_nothing_that_is_no_longer_printed():
    printed = {command for block in PRINTED for command in block.commands}
    assert ELSEWHERE.keys() - printed == set()


def test_extras_that_pip_is_told_to_install_exist():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for block in PRINTED:
        for command in block.commands:
            for extra in re.findall(r"\.\[(\w+)\]", command):
                assert re.search(rf"^{extra} = \[", text, re.MULTILINE), (block.place, command)


def test_targets_of_make_and_modules_of_python_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for block in PRINTED:
        for command in block.commands:
            program, *words = shlex.split(command)
            if program == "make":
                assert re.search(rf"^{words[0]}:", makefile, re.MULTILINE), (block.place, command)
            if program == "python" and words[0] == "-m":
                module = ROOT / words[1].replace(".", "/")
                assert module.with_suffix(".py").exists() or module.is_dir(), command


def test_no_page_and_no_preset_names_files_that_only_we_have():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("presets/*.yaml")]
    for path in [*pages, *ROOT.glob("pipeline_lib/methods/*/README.md")]:
        assert "../shared" not in path.read_text(encoding="utf-8"), path


def test_code_of_pages_is_python():
    found = list(snippets())
    assert len(found) >= 2
    for _, code in found:
        ast.parse(code)
