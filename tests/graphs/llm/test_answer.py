import json

import pytest

from pipeline_lib.graphs.llm.answer import Related, Unusable, read_answer
from tests.graphs.llm.server import related

SEEN = ["natural", "fauna", "traffic light", "Traffic_Light2"]
TEXT = """\
Here are the related categories:

Related Category 1: natural

- **Type of Relationship:** Synonymy/Similarity
- **Association Strength:** High
- **Explanation:** Both are conceptually very similar.

**Related Category 2:** Fauna
* Type of Relationship: Part-Whole Relationship
* Association Strength: **Low**
* Explanation: Animals are a part of it.
"""


def test_the_form_of_the_paper_is_read():
    found = read_answer(TEXT, SEEN)
    assert found.related == [
        Related("natural", "synonymy", 3, "Both are conceptually very similar."),
        Related("fauna", "part-whole", 1, "Animals are a part of it."),
    ]
    assert (found.unknown, found.broken) == (0, 0)


@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "\n```\n{}```\n"])
def test_json_is_read_also_between_fences(wrap):
    text = wrap.replace("{}", related("natural", strength="Medium", relation="Is-a/Hypernym"))
    assert read_answer(text, SEEN).related == [Related("natural", "is-a", 2, "why natural")]


def test_a_bare_list_and_other_keys_will_do():
    entries = json.loads(related("fauna"))["related"]
    assert read_answer(json.dumps(entries), SEEN).related[0].category == "fauna"
    assert read_answer(json.dumps({"related_categories": entries}), SEEN).related


@pytest.mark.parametrize(
    "name", ["Traffic Light", "traffic-light", "TRAFFIC_LIGHT", '"traffic light"']
)
def test_spelling_of_names_is_forgiven(name):
    assert read_answer(related(name), SEEN).related[0].category == "traffic light"


def test_unknown_names_and_broken_entries_are_dropped_and_counted():
    content = json.loads(related("natural", "unicorn", "nature"))
    content["related"] += [
        {"category": "fauna"},
        "fauna",
        {"category": "fauna", "strength": "Huge"},
    ]
    found = read_answer(json.dumps(content), SEEN)
    assert [r.category for r in found.related] == ["natural"]
    assert (found.unknown, found.broken) == (2, 3)


def test_a_part_of_an_answer_in_words_is_used():
    found = read_answer(TEXT + "\nRelated Category 3: natural\n- **Type of", SEEN)
    assert [r.category for r in found.related] == ["natural", "fauna"]
    assert found.broken == 1


def test_the_highest_score_of_a_category_counts():
    content = json.loads(related("natural", strength="Low"))
    content["related"] += json.loads(related("natural", strength="High"))["related"]
    assert [r.score for r in read_answer(json.dumps(content), SEEN).related] == [3]


@pytest.mark.parametrize(
    "text",
    [
        '{"related": []}',
        "[]",
        "None.",
        "There are no related categories.",
        "**No direct relationship** can be seen.",
    ],
)
def test_nothing_related_is_an_answer(text):
    assert read_answer(text, SEEN).related == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I'm sorry, but I cannot help with that.", "no relations can be read in \"I'm sorry"),
        (related("natural")[:-5], "not complete JSON"),
        ('{"answer": 1}', "JSON without a list 'related'"),
        ('{"related": [1, 2]}', "no entry with a category and a strength"),
        ("", "no relations can be read in ''"),
        ("x" * 500, "x{80}…'$"),
    ],
)
def test_an_answer_that_says_nothing_is_unusable(text, reason):
    with pytest.raises(Unusable, match=reason):
        read_answer(text, SEEN)


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Functional Relationship", "functional"), ("Hypernymy", "is-a"),
     ("Cooccurrence", "co-occurrence"), ("Is a", "is-a"), ("similar", "synonymy"),
     ("Friendship", "other"), (None, "other")],
)  # fmt: skip
def test_kinds_of_relations_have_one_name_each(said, kind):
    assert read_answer(related("natural", relation=said), SEEN).related[0].relation == kind
