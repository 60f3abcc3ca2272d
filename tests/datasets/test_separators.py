"""What separates labels, told from a column as a whole."""

import pytest

from pipeline_lib.datasets.separators import Separator, find_separator
from pipeline_lib.errors import InputError


def found(*cells, wanted="auto", words=True):
    return find_separator(cells, wanted, words=words, where="labels.csv: column 'tags'")


@pytest.mark.parametrize("mark", [";", "|", ",", " ; ", ", "])
def test_tags_are_told_apart_whatever_separates_them(mark):
    cells = ["cat", mark.join(["cat", "dog"]), ""]
    separator = found(*cells)
    assert [separator.labels(cell) for cell in cells] == [("cat",), ("cat", "dog"), ()]
    assert separator.doubt == ""


@pytest.mark.parametrize(
    "cell",
    ["['cat', 'hot dog']", '["cat", "hot dog"]', "['cat' 'hot dog']", "('cat', 'hot dog')",
     "[cat, hot dog]", "{'cat', 'hot dog'}"],
)  # fmt: skip
def test_lists_are_read_as_lists(cell):
    assert sorted(found(cell, "[]", "['dog']").labels(cell)) == ["cat", "hot dog"]
    assert found(cell, "[]").labels("[]") == ()


def test_an_apostrophe_inside_a_list_is_kept():
    assert found('["shepherd\'s pie", "soup"]').labels('["shepherd\'s pie"]') == ("shepherd's pie",)


def test_lists_beside_other_cells_are_refused():
    with pytest.raises(InputError, match=r"lists such as '\['cat'\]' and others such as 'dog'"):
        found("['cat']", "dog")


def test_names_with_commas_are_no_lists_of_labels():
    separator = found("tench, Tinca tinca", "goldfish, Carassius auratus", "cock", words=False)
    assert separator == Separator("")


def test_a_semicolon_outranks_commas():
    assert found("salt, coarse;pepper", "pepper").labels("salt, coarse;pepper") == (
        "salt, coarse",
        "pepper",
    )


def test_blanks_separate_words_that_stand_alone_too():
    assert found("cat", "dog", "cat dog").labels("cat dog") == ("cat", "dog")


def test_blanks_separate_few_words_in_many_combinations():
    words = ["sky", "sea", "sun", "sand"]
    cells = [
        " ".join([a, b, c]) for a in words for b in words for c in words if a < b < c or a > b > c
    ]
    assert found(*cells).text == " "


def test_a_doubtful_blank_keeps_the_name_and_says_so():
    separator = found("hot dog", "dog")
    assert separator.labels("hot dog") == ("hot dog",)
    assert separator.remark("column 'tags'") == (
        "column 'tags': cells such as 'hot dog' are one label each; if ' ' separates several, set "
        "dataset.columns.separator to ' '"
    )


def test_classes_are_never_parted_at_blanks():
    assert found("cat", "dog", "cat dog", words=False) == Separator("")


@pytest.mark.parametrize(
    ("cells", "remark"),
    [
        (["cat;dog"], None),
        (["cat", "dog"], None),
        (
            ["cat", "cat,dog"],
            "tags: labels are separated at ','; dataset.columns.separator would say",
        ),
        (["['cat']"], "tags: labels are read as lists; dataset.columns.separator would say"),
    ],
)
def test_what_was_told_is_said_unless_it_is_documented(cells, remark):
    said = found(*cells).remark("tags")
    assert said is None if remark is None else said.startswith(remark)


def test_params_outrank_what_is_told():
    assert found("a;b", "c d", wanted=" ").labels("c d") == ("c", "d")
    assert found("a;b", wanted=",").labels("a;b") == ("a;b",)


VECTORS = ["0 1 1", "0;1;1", "0,1,0", "0|1|1", "[0, 1, 1.]", "['1' '0' '1']", "(1.0, 0.0, -1)"]


@pytest.mark.parametrize("wanted", ["auto", ";"])
@pytest.mark.parametrize("cell", VECTORS)
def test_vectors_of_zero_and_one_are_refused_however_they_are_written(cell, wanted):
    with pytest.raises(InputError, match=r"vectors of 3 numbers 0 and 1 .*, which name no labels"):
        found(cell, "", wanted=wanted)


def test_numbers_of_labels_are_no_vectors():
    assert found("0;1", "1").labels("0;1") == ("0", "1")
    assert found("0", "1").labels("1") == ("1",)


@pytest.mark.parametrize(
    "cell", ['{"bbox": [[1, 2, 3, 4]], "categories": [0]}', "[{'id': 1, 'name': 'cat'}]"]
)
def test_objects_are_no_labels(cell):
    with pytest.raises(InputError, match=r"column 'tags': holds objects such as .*expected labels"):
        found(cell, cell)
