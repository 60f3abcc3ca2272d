import json

import pytest

from pipeline_lib.reporting.beside import Beside
from pipeline_lib.reporting.explorer.files import add, script

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    'it\'s "quoted" \\ & done',
    "line\u2028and\u2029paragraph\nbreak\0",
    "שלום\u202e.gpj",
    "💥" + "x" * 200,
]


def test_a_script_of_data_is_ascii_without_markup_and_holds_every_name_as_it_was():
    text = script("images", {"ids": HOSTILE})
    assert text.isascii()
    assert not set("<>&\n\0") & set(text[:-1])
    assert json.loads(text.split("=", 2)[2][:-2]) == {"ids": HOSTILE}


def test_a_script_is_called_after_its_content():
    beside = Beside()
    first, again, other = (add(beside, "images", value) for value in ([1], [1], [2]))
    assert first == again != other
    assert first.startswith("data/")
    assert beside[first] == b'(window.protoweave??={})["images"]=[1];\n'


def test_a_number_that_json_has_no_word_for_is_refused():
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        script("images", [float("nan")])
