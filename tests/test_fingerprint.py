import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.fingerprint import code_digest, digest, file_digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)


def test_a_digest_is_the_sha256_of_the_shortest_json():
    text = '{"a":[1,null],"b":"ü"}'
    assert digest({"b": "ü", "a": [1, None]}) == hashlib.sha256(text.encode()).hexdigest()[:16]


@settings(deadline=None, max_examples=50)
@given(JSON, JSON)
def test_values_have_one_digest_exactly_if_they_are_equal(one, two):
    assert (digest(one) == digest(two)) == (repr_of(one) == repr_of(two))


def repr_of(value):
    """Tell apart what JSON tells apart: 1 and True are equal to Python only."""
    if isinstance(value, dict):
        return {k: repr_of(v) for k, v in value.items()}
    return [repr_of(v) for v in value] if isinstance(value, list) else repr(value)


def test_lists_of_texts_are_not_run_together():
    assert len({digest(v) for v in (["ab"], ["a", "b"], "ab", ["a,b"])}) == 4


def test_a_file_is_named_by_its_content_alone(tmp_path):
    for name in ("a", "b.py"):
        (tmp_path / name).write_bytes(b"content")
    expected = hashlib.sha256(b"content").hexdigest()[:16]
    assert file_digest(tmp_path / "a") == file_digest(tmp_path / "b.py") == expected


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that nobody has imported."""
    folder = tmp_path / "some_package"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/module.py"):
        (folder / name).write_text(f"# {name}")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


CHANGES = {
    "edit": lambda f: (f / "inner/module.py").write_text("# edited"),
    "rename": lambda f: (f / "inner/module.py").rename(f / "inner/other.py"),
    "move": lambda f: (f / "inner/module.py").rename(f / "module.py"),
    "add": lambda f: (f / "new.py").write_text(""),
    "remove": lambda f: (f / "inner/module.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_a_source_file_changes_the_digest(package, change):
    before = code_digest("some_package"), file_digest(package)
    CHANGES[change](package)
    after = code_digest("some_package"), file_digest(package)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_files_that_are_no_source_change_nothing_but_a_folder(package):
    before = code_digest("some_package"), file_digest(package)
    (package / "inner/__pycache__").mkdir()
    (package / "inner/__pycache__/module.cpython-311.pyc").write_bytes(b"0")
    assert code_digest("some_package") == before[0]
    assert file_digest(package) != before[1]


def test_the_place_of_a_folder_does_not_matter(package, tmp_path):
    before = file_digest(package)
    package.rename(tmp_path / "elsewhere")
    assert file_digest(tmp_path / "elsewhere") == before


def test_several_packages_are_told_apart():
    one, other = "pipeline_lib.encoders", "pipeline_lib.nn"
    digests = {code_digest(one), code_digest(other), code_digest(one, other)}
    assert len(digests) == 3


@pytest.mark.parametrize("name", ["pipeline_lib.fingerprint", "no_such_package"])
def test_what_is_no_package_is_refused(name):
    with pytest.raises(ValueError, match=f"^{name} is no package$"):
        code_digest(name)
