import json

import pytest

from pipeline_lib.knowledge.categories.llm.answer import Related, Unusable, read_answer
from pipeline_lib.knowledge.categories.llm.question import AS_TEXT, STRENGTHS
from pipeline_lib.knowledge.categories.llm.strength import strength
from tests.knowledge.categories.llm.server import related
from tests.knowledge.categories.llm.shapes import DRAFTS, SHAPES

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
        (related("natural")[:-5], "not complete JSON in"),
        ('{"answer": 1}', "JSON without a list 'related'"),
        ('{"related": [1, 2]}', "no entry with a category and a strength"),
        ("", "no relations can be read in ''"),
        ("x" * 500, "x{80}…'$"),
    ],
)
def test_an_answer_that_says_nothing_is_unusable(text, reason):
    with pytest.raises(Unusable, match=reason):
        read_answer(text, SEEN)


ENTRIES = [
    {"category": "natural", "relation": "Synonymy/Similarity", "strength": "High",
     "explanation": "Both are similar"},
    {"category": "traffic light", "relation": "Co-occurrence", "strength": "Medium",
     "explanation": "It isn't far"},
    {"category": "fauna", "relation": "Part-Whole Relationship", "strength": "Low",
     "explanation": "Animals belong to it"},
]  # fmt: skip
EXPECTED = [("natural", "synonymy", 3), ("traffic light", "co-occurrence", 2),
            ("fauna", "part-whole", 1)]  # fmt: skip


def short(text: str, seen=SEEN) -> list[tuple[str, str, int]]:
    return [(r.category, r.relation, r.score) for r in read_answer(text, seen).related]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_an_answer_says_the_same(shape):
    found = read_answer(SHAPES[shape](ENTRIES), SEEN)
    kinds = [kind for _, kind, _ in EXPECTED]
    assert [(r.category, r.score) for r in found.related] == [(n, s) for n, _, s in EXPECTED]
    if shape != "strength by name":
        assert [r.relation for r in found.related] == kinds
    assert (found.unknown, found.broken) == (0, 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_real_contents_are_read_in_every_shape(shape, shared_data):
    lines = (shared_data / "llm_answers" / "scenes.jsonl").read_text(encoding="utf-8").splitlines()
    for answer in map(json.loads, lines):
        seen = [entry["category"] for entry in answer["related"]]
        expected = [(e["category"], STRENGTHS[e["strength"]]) for e in answer["related"]]
        found = short(SHAPES[shape](answer["related"]), seen) if seen else []
        assert [(name, score) for name, _, score in found] == expected


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("shape", ["asked for", "fence", "paper", "numbered", "bullets"])
def test_a_draft_counts_for_nothing(draft, shape):
    wrong = [{**entry, "strength": "High"} for entry in ENTRIES[1:]]
    text = draft.replace("{}", f"Hm. {SHAPES[shape](wrong)}\nNo, not direct.")
    assert short(text + SHAPES[shape](ENTRIES[:1])) == EXPECTED[:1]
    assert short(text + "There are no related categories.") == []


@pytest.mark.parametrize(
    "draft", ["<think>{}", "<thinking>\n{}", "<think>{}</think>", "{}</think>"]
)
def test_a_draft_alone_is_no_answer(draft):
    with pytest.raises(Unusable, match="no relations can be read in ''"):
        read_answer(draft.replace("{}", SHAPES["paper"](ENTRIES)), SEEN)


@pytest.mark.parametrize(
    ("stated", "score"),
    [("High", 3), ("medium", 2), ("**Low**", 1), ("Low.", 1), ("Very High", 3), ("High (3)", 3),
     ("3 (High)", 3), ("3/3 - High", 3), ("1: Low", 1), ("High, not Low", 3), ("HIGH strength", 3),
     (3, 3), (2.0, 2), ("1", 1), ("2/3", 2), ("3 out of 3", 3), (0, 0), ("None", 0),
     ("Not high", None), ("not very High", None), ("Neither high nor low", None), ("Highly", None),
     ("High / Medium / Low", None), ("High/Medium", None), ("Low to Medium", None), (True, None),
     ("[High, Medium, Low]", None), ("**High** / **Medium** / **Low**", None), ("Huge", None),
     (4, None), (0.8, None), ("8/10", None), (None, None), ("", None), (["High"], None)],
)  # fmt: skip
def test_a_strength_is_a_level_that_is_stated_and_no_other(stated, score):
    assert strength(stated) == score


@pytest.mark.parametrize("said", ["Not high", "High / Medium / Low"])
@pytest.mark.parametrize("shape", ["asked for", "paper", "numbered", "bullets", "table"])
def test_a_strength_that_says_nothing_drops_its_entry(said, shape):
    text = SHAPES[shape]([ENTRIES[0], {**ENTRIES[2], "strength": said}])
    assert short(text) == EXPECTED[:1]
    assert read_answer(text, SEEN).broken == (shape != "table")  # whose head has none either


def test_the_questions_own_form_is_no_answer():
    with pytest.raises(Unusable, match="no relations can be read in 'Please provide"):
        read_answer(AS_TEXT, SEEN)


@pytest.mark.parametrize("said", ["None", 0, "no relation"])
def test_entries_that_deny_a_relation_are_an_answer(said):
    assert short(SHAPES["asked for"]([{**ENTRIES[0], "strength": said}])) == []


@pytest.mark.parametrize(
    "text",
    [
        "None of your business. I cannot help with that.",
        "None of your business.",
        "None of the categories can be discussed. I'm sorry.",
        "No. I won't answer that.",
        "There are no related categories that I, as an AI, may name.",
        "None: I am unable to assist.",
        "Nothing doing.",
    ],
)
def test_a_refusal_is_not_the_answer_that_nothing_is_related(text):
    with pytest.raises(Unusable, match="no relations can be read in"):
        read_answer(text, SEEN)


@pytest.mark.parametrize(
    "text",
    [
        "None", "**None**", "N/A", "Not applicable.", "Answer: none.",
        "There aren't any related categories.", "I do not see any direct relationship.",
        "No related categories.", "No direct relationships were found.",
        "None of the known categories is directly related.", "None of these categories.",
        "There is no category with a direct relationship.", '{"related": null}', "```json\n[]\n```",
        '{"Related Categories": []}', 'I looked at all.\n{"related": []}',
    ],
)  # fmt: skip
def test_nothing_related_is_said_in_many_ways(text):
    assert short(text) == []


@pytest.mark.parametrize(
    "names", [["unicorn"], ["Natur", "Fauna (Tierwelt) und Flora"], ["x", "y"]]
)
@pytest.mark.parametrize("shape", ["asked for", "paper", "numbered", "lines"])
def test_an_answer_whose_names_are_all_unknown_is_no_answer(names, shape):
    entries = [{**ENTRIES[0], "category": name} for name in names]
    with pytest.raises(Unusable, match="no entry names a category of the list in"):
        read_answer(SHAPES[shape](entries), SEEN)


@pytest.mark.parametrize(
    "written",
    ["{}", "1. {}", "12) {}", "**{}**", "`{}`", '"{}"', "'{}'", "“{}”", "{}.", "{}:", "[{}]",
     "_{}_", "{} (noun)", "- {}"],
)  # fmt: skip
@pytest.mark.parametrize(
    "name", ["fauna", "St. Bernard", "Inc.", 'so-called "art"', "C++", "rock 'n' roll'", "3. Liga",
             "crane (bird)", "naïve", "no. 1"],
)  # fmt: skip
def test_a_name_is_known_in_all_its_decorations(written, name):
    text = json.dumps({"related": [{**ENTRIES[0], "category": written.replace("{}", name)}]})
    assert [found[0] for found in short(text, [name, "other"])] == [name]


def test_an_entry_about_the_category_itself_says_nothing():
    found = read_answer(related("Dog", "fauna"), SEEN, about="dog")
    assert ([r.category for r in found.related], found.unknown) == (["fauna"], 1)
    assert read_answer(related("Dog."), SEEN, about="dog").related == []


def test_names_that_differ_in_marks_alone_are_told_apart():
    seen = ["dog", "dog.", "C", "C#", "crane (bird)", "crane (machine)"]
    for name in seen:
        assert [f[0] for f in short(related(name), seen)] == [name]
    with pytest.raises(Unusable, match="no entry names a category of the list"):
        read_answer(related("crane"), seen)
    with pytest.raises(Unusable, match="no entry names a category of the list"):
        read_answer(related("*dog*"), ['"dog"', "dog."])


def test_a_name_composed_otherwise_is_the_same():
    assert [found[0] for found in short(related("cafe\u0301"), ["caf\u00e9"])] == ["caf\u00e9"]


@pytest.mark.parametrize("cut", range(12, 110, 7))
def test_json_that_was_cut_is_no_answer(cut):
    text = related("natural", "fauna")
    with pytest.raises(Unusable, match=r"not complete JSON in|no relations can be read in"):
        read_answer(text[:cut], SEEN)


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Functional Relationship", "functional"), ("Hypernymy", "is-a"),
     ("Cooccurrence", "co-occurrence"), ("Is a", "is-a"), ("similar", "synonymy"),
     ("Friendship", "other"), (None, "other")],
)  # fmt: skip
def test_kinds_of_relations_have_one_name_each(said, kind):
    assert read_answer(related("natural", relation=said), SEEN).related[0].relation == kind


ENTRY = '{"category": "dog", "strength": "High"}'


@pytest.mark.parametrize(
    "text",
    [
        f'{{"result": {{"related": [{ENTRY}]}}}}',
        f'{{"data": [{ENTRY}]}}',
        f'{{"output": {{"items": [{ENTRY}]}}}}',
        f'<tool_call>{{"name": "answer", "arguments": {{"related": [{ENTRY}]}}}}</tool_call>',
        json.dumps(f'{{"related": [{ENTRY}]}}'),
        f'<|channel|>analysis<|message|>cat High<|end|>final<|message|>{{"related": [{ENTRY}]}}',
    ],
)
def test_entries_are_found_whatever_is_around_them(text):
    found = read_answer(text, ["dog", "cat"])
    assert [(r.category, r.score) for r in found.related] == [("dog", 3)]


def test_json_that_is_nested_too_deeply_is_no_answer():
    with pytest.raises(Unusable, match="JSON that is nested too deeply in"):
        read_answer("[" * 100_000, ["dog"])
