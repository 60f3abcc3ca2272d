import shutil

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.project.closure import (
    differences,
    expected_code,
    imported_files,
    is_code,
    write_code,
)


@pytest.fixture(scope="module")
def imported(pytestconfig):
    """What every stage of the repository imports."""
    return imported_files(pytestconfig.rootpath)


@pytest.fixture
def checkout(tmp_path, root):
    """The repository with a dvc.yaml that may be spoilt."""
    for package in ("pipeline_lib", "stages"):
        (tmp_path / package).symlink_to(root / package)
    shutil.copy(root / "dvc.yaml", tmp_path)
    return tmp_path


def spoil(checkout, stage, old, new):
    """Replace one line of a stage."""
    path = checkout / "dvc.yaml"
    before, start, after = path.read_text().partition(f"\n  {stage}:\n")
    assert f"{old}\n" in after
    path.write_text(before + start + after.replace(f"{old}\n", new, 1))


def test_every_stage_of_the_repository_lists_exactly_what_it_imports(root):
    assert differences(root) == []


def test_every_script_is_a_stage_and_every_stage_a_script(root, imported):
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    assert stages.keys() == imported.keys()


def test_imports_are_followed_through_functions_and_packages(imported):
    # stages.features -> runs.extraction -> encoders.extract -> encoders.vision -> encoders.lenet
    expected = {
        "stages/features.py", "stages/__init__.py", "pipeline_lib/__init__.py",
        "pipeline_lib/runs/__init__.py", "pipeline_lib/runs/extraction.py",
        "pipeline_lib/encoders/lenet.py", "pipeline_lib/artifacts/parts.py",
    }  # fmt: skip
    assert expected <= imported["features"]
    assert "stages/train.py" not in imported["features"]


# What a stage trains or runs itself.
OWN = {"baseline": {"base"}, "csnet": {"vscnet"}, "regions": {"vscnet"}}


def test_no_stage_depends_on_another_methods_code(imported):
    for name, files in imported.items():
        packages = {f.split("/")[2] for f in files if f.startswith("pipeline_lib/methods/")}
        assert packages - OWN.get(name, set()) <= {"__init__.py", "fitted.py", "registry.py"}, name


def test_imported_files_are_there(root, imported):
    for files in imported.values():
        assert [file for file in files if not (root / file).is_file()] == []


def test_a_dependency_that_lacks_and_one_that_is_too_much_are_named(checkout):
    spoil(checkout, "clusters", "      - pipeline_lib/clustering/scaling.py",
          "      - pipeline_lib/cli.py\n")  # fmt: skip
    (found,) = differences(checkout)
    assert found.stage == "clusters"
    assert found.missing == ["pipeline_lib/clustering/scaling.py"]
    assert found.superfluous == ["pipeline_lib/cli.py"]


def test_mending_keeps_comments_order_and_data(checkout, root):
    path = checkout / "dvc.yaml"
    spoil(checkout, "clusters", "      - pipeline_lib/clustering/scaling.py",
          "      - pipeline_lib/cli.py\n")  # fmt: skip
    spoil(checkout, "train", "      - pipeline_lib/nn", "")
    assert {found.stage for found in write_code(checkout)} == {"clusters", "train"}
    assert path.read_text() == (root / "dvc.yaml").read_text()
    assert write_code(checkout) == []


def test_nothing_to_mend_is_nothing_written(checkout):
    path = checkout / "dvc.yaml"
    path.write_text(path.read_text() + "# an end that a YAML writer would move?\n\n\n")
    before = path.read_text()
    assert write_code(checkout) == []
    assert path.read_text() == before


def test_a_script_without_stage_is_named(checkout):
    path = checkout / "dvc.yaml"
    path.write_text(path.read_text().replace("\n  clusters:\n", "\n  clusterz:\n"))
    with pytest.raises(InputError, match=r"no stage 'clusters', expected one for stages/clusters"):
        differences(checkout)


def test_what_a_method_found_by_name_imports_belongs_to_its_stage(root):
    """The loss of the plain backbone decides the features of every run."""
    files = imported_files(root)["baseline"]
    assert {"pipeline_lib/nn/classification.py", "pipeline_lib/training/augment.py"} <= files


def test_whole_folders_and_what_is_found_by_name_stand_in_for_files():
    files = {"pipeline_lib/nn/graph.py", "pipeline_lib/nn/__init__.py", "stages/train.py"}
    assert expected_code("train", files) == [
        "pipeline_lib/methods/${item.method}",
        "pipeline_lib/nn",
        "pipeline_lib/params/${item.method}.py",
        "pipeline_lib/training",
        "stages/train.py",
    ]
    assert expected_code("clusters", files) == sorted(files)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pipeline_lib/nn", True),
        ("stages/train.py", True),
        ("data/artifacts/train", False),
        ("${dataset.path}", False),
        ("pipeline_library/x", False),
    ],
)
def test_code_is_told_from_data(path, expected):
    assert is_code(path) is expected
