"""Text lists, however they were saved."""

import codecs

import pytest

from pipeline_lib.datasets.text_lists import read_lines, read_text
from pipeline_lib.errors import InputError

NAMES = ["crème brûlée", "hot dog", "日本 1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_do_not_matter(tmp_path, encoding, end):
    path = tmp_path / "list.txt"
    path.write_bytes(end.join([NAMES[0] + " ", "", "  ", *NAMES[1:], ""]).encode(encoding))
    assert read_lines(path) == NAMES


def test_big_endian_text_is_read_by_its_mark(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(codecs.BOM_UTF16_BE + "cat\ndog".encode("utf-16-be"))
    assert read_lines(path) == ["cat", "dog"]


def test_a_name_is_not_cut_at_separators_that_only_unicode_knows(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("a\u2028b\nc\x85d\n", encoding="utf-8")
    assert read_lines(path) == ["a\u2028b", "c\x85d"]


def test_a_path_keeps_its_unicode_form(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("cafe\u0301\n", encoding="utf-8")
    assert read_lines(path) == ["cafe\u0301"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_another_encoding_is_refused_with_the_line(tmp_path, end):
    path = tmp_path / "classes.txt"
    path.write_bytes(end.join(["cat", "Käse", "dog"]).encode("latin-1"))
    with pytest.raises(
        InputError, match=r"classes\.txt: line 2: byte 0xe4 is no text in UTF-8, .*iconv"
    ):
        read_lines(path)


@pytest.mark.parametrize("content", ["a\nb".encode("utf-16-le"), b"\x00\x01"])
def test_what_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "classes.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"classes\.txt: line 1: byte 0x00 is no text in UTF-8"):
        read_lines(path)


def test_half_a_character_behind_a_mark_is_refused(tmp_path):
    path = tmp_path / "classes.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + b"a\x00b")
    with pytest.raises(
        InputError, match=r"classes\.txt: byte 0x62 is no text in UTF-16, expected UTF-8"
    ):
        read_text(path)


def test_a_missing_list_is_named_with_its_key(tmp_path):
    with pytest.raises(
        InputError, match=r"gone\.txt \(dataset\.unseen\.names\): missing, expected"
    ):
        read_lines(tmp_path / "gone.txt", named="dataset.unseen.names")


def test_a_folder_is_no_list(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\), expected a text"):
        read_lines(tmp_path)
