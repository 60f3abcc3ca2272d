import pytest

from pipeline_lib.datasets.captions import captions_in, captions_of


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A dog.", ("A dog.",)),
        ([" A dog. ", "", None, "A dog."], ("A dog.", "A dog.")),  # two people may say the same
        ("cafe\u0301", ("café",)),
        ([], None),
        ("  ", None),
        (None, None),
    ],
)
def test_a_text_or_a_list_of_texts_are_captions(cell, expected):
    assert captions_of(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A dog; a cat, too.", ("A dog; a cat, too.",)),
        ('["A dog.", null, "Caf\\u00e9."]', ("A dog.", "Café.")),
        ("['A dog.', \"A cat's\"]", ("A dog.", "A cat's")),
        ("[laughter]", ("[laughter]",)),
        ("[1, 2]", ("[1, 2]",)),
        ("[['A dog.']]", ("[['A dog.']]",)),
        ("[]", ("[]",)),
        ("", None),
    ],
)
def test_a_cell_of_a_table_is_a_text_or_a_list_in_quotes(cell, expected):
    assert captions_in(cell) == expected
