"""A run gets the placebos of its modules."""

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, control_of
from pipeline_lib.project.controls import add_controls
from pipeline_lib.project.document import check_parameters
from tests.presets import default_text
from tests.project.toy import loaded


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "params.yaml"
    found.write_text(default_text(), encoding="utf-8")
    return found


def test_each_module_gets_its_controls_which_come_first_among_the_references(path):
    before = loaded(path)
    added, left_out = add_controls(path, "sigrl")
    assert left_out == []
    after = loaded(path)
    controls = METHODS["sigrl"].controls
    assert added == [f"sigrl_{control.name}" for control in controls]
    was = before["methods"]["sigrl"]["reference"]
    was = [was] if isinstance(was, str) and was else list(was)
    assert after["methods"]["sigrl"]["reference"] == [*added, *was]
    for name, control in zip(added, controls, strict=True):
        assert control_of("sigrl", after[name]) == control
        run = after["methods"][name]
        assert run == before["methods"]["sigrl"] | {"reference": ""}
    assert {k: v for k, v in after.items() if k not in added and k != "methods"} == {
        k: v for k, v in before.items() if k != "methods"
    }
    assert "SigRL Sec. III-A" in path.read_text()  # comments stay
    assert check_parameters(path) == []
    assert add_controls(path, "sigrl") == ([], [])
    assert loaded(path) == after


def test_a_module_that_is_off_gets_none(path):
    text = path.read_text()
    start = text.index("\n  correlation: {", text.index("\nsigrl:"))
    end = text.index("\n  decoupling: {", start)
    path.write_text(text[:start] + "\n  correlation: none" + text[end:])
    assert all("gmc" not in name for name in add_controls(path, "sigrl")[0])


@pytest.mark.parametrize(
    ("run", "expected"),
    [("sigl", r"no run 'sigl'.*sigrl"), ("base", "no module of 'base' has a control: the method")],
)
def test_what_has_no_control_is_refused(path, run, expected):
    before = path.read_bytes()
    with pytest.raises(InputError, match=expected):
        add_controls(path, run)
    assert path.read_bytes() == before


def test_a_control_has_no_controls(path):
    (first, *_), _ = add_controls(path, "sigrl")
    with pytest.raises(InputError, match=f"'{first}' is a control itself"):
        add_controls(path, first)


def test_a_control_that_other_settings_leave_no_place_for_is_named(path):
    added, notes = add_controls(path, "vscnet")
    for name, note in zip(("vscnet_lattice", "vscnet_l_mean"), notes, strict=True):
        assert name not in added
        assert note.startswith(f"{name} is left out: ")
        assert "read only where modules.locate is true and modules.knowledge is false" in note
    assert check_parameters(path) == []
