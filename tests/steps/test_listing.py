"""The list of what a data set holds."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.steps.listing import keep_listing, list_files, refuse_results, would_change


@pytest.fixture
def root(tmp_path):
    for name, content in {"b/2.jpg": b"two", "a/1.jpg": b"one", "list.csv": b"x"}.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_000, 1_000))  # long ago
    return tmp_path / "data"


def listed(root: Path) -> tuple[list[list[object]], int]:
    found = list_files(root, root.parent / "kept")
    return [json.loads(line) for line in found.text.splitlines()], found.read


def test_every_file_is_named_with_its_size_and_digest_in_order(root):
    lines, read = listed(root)
    contents = {"a/1.jpg": b"one", "b/2.jpg": b"two", "list.csv": b"x"}
    assert lines == [[p, len(c), hashlib.sha256(c).hexdigest()] for p, c in contents.items()]
    assert read == 3


def test_files_that_look_the_same_are_not_read_again(root):
    before, _ = listed(root)
    assert listed(root) == (before, 0)
    (root / "a/1.jpg").write_bytes(b"new")  # as long, another time
    after, read = listed(root)
    assert (read, after[0][1:] != before[0][1:], after[1:] == before[1:]) == (1, True, True)
    (root / "list.csv").unlink()
    assert len(listed(root)[0]) == 2


def test_a_file_of_just_now_is_read_again_as_its_time_may_not_tell_the_next_change(root):
    (root / "a/1.jpg").write_bytes(b"new")
    assert listed(root)[1] == 3
    assert listed(root)[1] == 1


def test_a_damaged_memory_is_none(root):
    before = listed(root)
    (memory,) = (root.parent / "kept").iterdir()
    for content in (b"", b"[1]", b'{"a/1.jpg": 3}'):
        memory.write_bytes(content)
        assert listed(root) == before


def test_another_place_and_files_of_the_system_change_nothing(root):
    before, _ = listed(root)
    for name in (".DS_Store", "a/Thumbs.db", "b/.hidden.jpg"):
        (root / name).write_bytes(b"junk")
    assert listed(root.rename(root.parent / "moved"))[0] == before


def test_names_are_spelt_one_way(root):
    (root / "Caf\u0065\u0301.jpg").write_bytes(b"")  # e and an accent, as macOS writes it
    names = [line[0] for line in listed(root)[0]]
    assert "Caf\u00e9.jpg" in names


def test_a_link_that_leads_nowhere_is_listed_as_such(root):
    (root / "b/3.jpg").symlink_to("nowhere")
    assert ["b/3.jpg", 0, "missing"] in listed(root)[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_cannot_be_read_is_named(root):
    (root / "a/1.jpg").chmod(0)
    with pytest.raises(InputError, match=r"1\.jpg: cannot be read \(Permission denied\), .*mend"):
        listed(root)


def test_what_changed_is_said_in_words(root, tmp_path):
    out, lock, kept = tmp_path / "files.jsonl", tmp_path / "dvc.lock", tmp_path / "kept"
    out.write_bytes(list_files(root, kept).text)
    named = {"path": "x/files.jsonl", "md5": hashlib.md5(out.read_bytes()).hexdigest()}
    lock.write_text(json.dumps({"stages": {"listing": {"outs": [named]}}}))
    assert would_change(root, kept, out, lock) == []
    (root / "b/3.jpg").write_bytes(b"three")
    (root / "a/1.jpg").write_bytes(b"longer")
    (root / "list.csv").unlink()
    (said,) = would_change(root, kept, out, lock)
    assert said == f"files of the data set {root}: 1 added, 1 gone, 1 changed"
    assert would_change(tmp_path / "absent", kept, out, lock) == []


def test_a_data_set_that_was_never_here_is_asked_for(tmp_path):
    with pytest.raises(InputError, match=r"'gone' does not exist, and no result .*--data DIR`, or"):
        keep_listing(tmp_path / "files.jsonl", tmp_path / "dvc.lock", Path("gone"))


def test_a_pipe_is_refused_and_not_waited_for(root):
    os.mkfifo(root / "a/2.jpg")
    with pytest.raises(InputError, match=r"a/2\.jpg: is a pipe, a socket or a device, expected a"):
        listed(root)


@pytest.mark.parametrize("data", [".", "data", "data/artifacts", "data/artifacts/ingest", "link"])
def test_results_inside_of_the_data_set_and_the_other_way_round_are_refused(tmp_path, data):
    (tmp_path / "link").symlink_to(tmp_path / "data")
    with pytest.raises(InputError, match=r"and the results in .*/data/artifacts lie in each other"):
        refuse_results(tmp_path / data, tmp_path / "data/artifacts")
    refuse_results(tmp_path / "data/raw/images", tmp_path / "data/artifacts")
