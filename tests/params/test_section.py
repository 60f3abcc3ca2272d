from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import Section, optional_path, read_yaml


class Inner(Section):
    """A nested section."""

    depth: int
    width: int


class Toy(Section):
    """One field of every kind that params.yaml holds."""

    rate: Annotated[float, Field(gt=0)]
    count: Annotated[int, Field(ge=1)]
    name: str
    on: bool
    seeds: list[int]
    inner: Inner


SOUND = """
toy:
  rate: 1e-4     # YAML 1.2: a number; in 1.1 it would be text
  count: 010     # YAML 1.2: ten; in 1.1 it would be eight
  name: no       # YAML 1.2: text; in 1.1 it would be False
  on: true
  seeds: [0, 1]
  inner: {depth: 2, width: 3}
"""


@pytest.fixture
def params(tmp_path):
    """Write params.yaml with one part replaced."""

    def write(old="", new=""):
        assert old in SOUND
        (tmp_path / "params.yaml").write_text(SOUND.replace(old, new, 1) if old else SOUND)
        return tmp_path / "params.yaml"

    return write


def test_a_section_is_read_as_yaml_1_2(params):
    toy = Toy.load("toy", params())
    assert (toy.rate, toy.count, toy.name, toy.on) == (1e-4, 10, "no", True)
    assert toy.seeds == [0, 1]
    assert toy.inner == Inner(depth=2, width=3)


def test_a_whole_number_may_stand_for_a_fraction(params):
    assert Toy.load("toy", params("1e-4", "2")).rate == 2.0


FAULTS = {
    "unknown key": ("name: no", "nmae: no", r"toy\.nmae is not a known key; did you mean 'name'\?"),
    "unknown inner key": (
        "{depth: 2, width: 3}",
        "{depth: 2, width: 3, widht: 4}",
        r"toy\.inner\.widht is not a known key; did you mean 'width'\?",
    ),
    "quite unknown key": (
        "{depth: 2, width: 3}",
        "{depth: 2, width: 3, colour: red}",
        r"toy\.inner\.colour is not a known key; known: depth, width$",
    ),
    "missing": (
        "  count: 010",
        "",
        r"toy\.count is missing; `protoweave use PRESET` writes a complete file",
    ),
    "missing inner": ("{depth: 2, width: 3}", "{depth: 2}", r"toy\.inner\.width is missing"),
    "text for a number": ("1e-4", "'1e-4'", r"toy\.rate is '1e-4': input should be a valid number"),
    "fraction for a count": ("010", "1.5", r"toy\.count is 1\.5: input should be a valid integer"),
    "switch for a count": ("010", "true", r"toy\.count is True: input should be a valid integer"),
    "number for a switch": ("on: true", "on: 1", r"toy\.on is 1: input should be a valid boolean"),
    "number for a text": ("name: no", "name: 3", r"toy\.name is 3: input should be a valid string"),
    "nothing": ("name: no", "name:", r"toy\.name is None: input should be a valid string"),
    "bad item": ("[0, 1]", "[0, x]", r"toy\.seeds\[1\] is 'x': input should be a valid integer"),
    "one for a list": ("[0, 1]", "0", r"toy\.seeds is 0: input should be a valid list"),
    "list for a section": (
        "{depth: 2, width: 3}",
        "[2, 3]",
        r"toy\.inner is \[2, 3\]: input should be a valid dictionary or instance of Inner",
    ),
    "too small": ("010", "0", r"toy\.count is 0: input should be greater than or equal to 1"),
    "at the bound": ("1e-4", "0.0", r"toy\.rate is 0\.0: input should be greater than 0"),
    "infinite": ("1e-4", ".inf", r"toy\.rate is inf: input should be a finite number"),
    "not a number": ("1e-4", ".nan", r"toy\.rate is nan: input should be a finite number"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_place_and_value(params, fault):
    old, new, message = FAULTS[fault]
    with pytest.raises(InputError, match=rf"params\.yaml: {message}"):
        Toy.load("toy", params(old, new))


def test_all_faults_are_named_at_once(params):
    path = params("rate: 1e-4", "rate: -1\n  ratio: 2")
    path.write_text(path.read_text().replace("on: true", "on: maybe").replace("[0, 1]", "[a, 1.5]"))
    with pytest.raises(InputError) as caught:
        Toy.load("toy", path)
    lines = str(caught.value).splitlines()
    found = [line.removeprefix(f"{path}: toy.").split(" ")[0] for line in lines]
    assert sorted(found) == ["on", "rate", "ratio", "seeds[0]", "seeds[1]"]


def test_a_section_without_content_is_named(tmp_path):
    (tmp_path / "params.yaml").write_text("toy:\n")
    with pytest.raises(
        InputError, match=r"params\.yaml: toy is None: input should be a valid dict"
    ):
        Toy.load("toy", tmp_path / "params.yaml")


def test_a_missing_section_names_the_nearest(params):
    with pytest.raises(InputError, match=r"section 'tyo' is missing; did you mean 'toy'\?"):
        Toy.load("tyo", params())
    with pytest.raises(InputError, match=r"section 'features' is missing; known: toy$"):
        Toy.load("features", params())


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(InputError, match=r"p\.yaml: missing; run `protoweave use PRESET`"):
        read_yaml(tmp_path / "p.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "not valid YAML: .*flow sequence"),
        ("a: 1\na: 2", "not valid YAML: .*duplicate key"),
        ("a: \x00", "not valid YAML: .*special characters"),
        ("- a\n- b", r"expected sections such as 'dataset:', found \['a', 'b'\]"),
        ("", "expected sections such as 'dataset:', found None"),
        ("text", "expected sections such as 'dataset:', found 'text'"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path, text, message):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"(?s)p\.yaml: {message}"):
        read_yaml(tmp_path / "p.yaml")


def test_a_section_cannot_be_changed_and_equal_ones_are_one_key(params):
    toy = Toy.load("toy", params())
    with pytest.raises(ValidationError, match="frozen"):
        toy.count = 3
    assert hash(toy.inner) == hash(Inner(depth=2, width=3))


def test_the_nearest_name_or_all_names():
    assert nearest("flase", ["true", "false"]) == "; did you mean 'false'?"
    assert nearest("x", {"b": 1, "a": 2}) == "; known: a, b"
    assert nearest("x", []) == "; known: "


def test_data_none_stands_for_no_path(root):
    assert optional_path("data/none") is None
    assert optional_path("data/weights.pt") == Path("data/weights.pt")
    assert (root / "data/none").is_file()  # DVC wants the path that names nothing to exist


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: " + "9" * 5_000, "not valid YAML: Exceeds the limit"),
        ("a: " + "[" * 3_000, "not valid YAML: maximum recursion depth"),
        ("a: 1\n\tb: 2", "not valid YAML: .*cannot start any token"),
        ("a: 1\na: 2", 'not valid YAML: .*duplicate key "a"'),
        ("a: *b", "not valid YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "not valid YAML: expected a single document"),
        ("a: !!python/object/apply:os.system [x]", "not valid YAML: could not determine a const"),
        ("- a", r"expected sections such as 'dataset:', found \['a'\]"),
    ],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused(tmp_path, text, said):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(InputError, match=f"(?s)params.yaml: {said}"):
        read_yaml(tmp_path / "params.yaml")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\), expected a YAML"):
        read_yaml(tmp_path)


@pytest.mark.parametrize("name", [7, None, True, ("a", "b")])
def test_names_that_yaml_made_something_else_of_are_looked_up_as_they_were_written(name):
    assert nearest(name, ["dataset", "text"]) == "; known: dataset, text"
