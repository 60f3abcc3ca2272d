import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.fingerprint import digest, file_digest

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
def folder(tmp_path):
    made = tmp_path / "folder"
    (made / "inner").mkdir(parents=True)
    for name in ("a.py", "inner/b.py", "inner/c.txt"):
        (made / name).write_text(f"# {name}")
    return made


CHANGES = {
    "edit": lambda f: (f / "inner/b.py").write_text("# edited"),
    "rename": lambda f: (f / "inner/b.py").rename(f / "inner/other.py"),
    "move": lambda f: (f / "inner/b.py").rename(f / "b.py"),
    "add": lambda f: (f / "new.py").write_text(""),
    "remove": lambda f: (f / "inner/b.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("suffix", ["", ".py"])
def test_any_change_of_a_file_changes_the_digest_of_its_folder(folder, change, suffix):
    before = file_digest(folder, suffix)
    CHANGES[change](folder)
    assert file_digest(folder, suffix) != before


def test_files_with_another_suffix_change_nothing(folder):
    before = file_digest(folder, ".py"), file_digest(folder)
    (folder / "inner/c.txt").write_text("other")
    assert file_digest(folder, ".py") == before[0]
    assert file_digest(folder) != before[1]


def test_the_place_of_a_folder_does_not_matter(folder, tmp_path):
    before = file_digest(folder)
    folder.rename(tmp_path / "elsewhere")
    assert file_digest(tmp_path / "elsewhere") == before
