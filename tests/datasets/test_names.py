"""One spelling for names."""

import unicodedata

import pytest

from pipeline_lib.datasets.names import clean, twins


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_name_in_two_unicode_forms_is_one_name(form):
    assert clean(unicodedata.normalize(form, "café")) == "caf\u00e9"


@pytest.mark.parametrize(
    "written",
    [
        "ice cream ",
        "\ufeffice cream",
        "\u00a0ice cream\u00a0",
        " \u200bice cream\u200b \r",
        "ice cream\t",
    ],
)
def test_what_nobody_sees_at_the_ends_goes_and_blanks_inside_stay(written):
    assert clean(written) == "ice cream"


def test_joined_emoji_and_letters_of_other_widths_stay():
    assert clean("👩\u200d🚒") == "👩\u200d🚒"
    assert clean("Ａ") == "Ａ"


def test_names_that_differ_in_case_width_or_blanks_are_found():
    names = ["Cat", "cat", "dog", "hot dog", "hotdog", "hot  dog", "Ａ", "a", "cats"]
    assert twins(names) == [("Cat", "cat"), ("a", "Ａ"), ("hot  dog", "hot dog", "hotdog")]


def test_a_name_that_is_given_twice_is_no_twin_of_itself():
    assert twins(["cat", "cat", "dog"]) == []
