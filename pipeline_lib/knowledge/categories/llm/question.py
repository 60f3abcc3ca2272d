"""What is asked about one category: the prompt of C2SRT, Supplement B.3."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline_lib.fingerprint import digest
from pipeline_lib.knowledge.categories.llm.form import Form
from pipeline_lib.params.category_graph import Llm

CHARACTERS_PER_TOKEN = 4  # of English; OpenAI's rule of thumb
STRENGTHS = {"High": 3, "Medium": 2, "Low": 1}  # Sec. 4.1; a category that is not named has 0
RELATIONS = ("Synonymy/Similarity", "Is-a/Hypernym", "Functional Relationship", "Co-occurrence",
             "Part-Whole Relationship")  # fmt: skip

TASK = """\
Based on the following list of known categories, please identify all categories that have a direct \
relationship with the new category **{category}**. For each related category, provide the type of \
relationship, the association strength (**High, Medium, Low**), and an explanation.

Types of Relationships

1. **Synonymy/Similarity:** Two categories are conceptually very similar or synonymous.
2. **Is-a/Hypernym:** One category is a superordinate or subordinate concept of the other.
3. **Functional Relationship:** The function or use of one category is related to the other.
4. **Co-occurrence:** Two categories often appear in the same context or environment.
5. **Part-Whole Relationship:** One category is a component of the other.

Instructions

{form}
Name only categories of the list, spelt as they are there.

Example

New Category: Nature

List of Seen Categories: natural, fauna, wildlife, flora, scenic, outdoors, cliff, blossoms, \
insect, wild, plant, scenery, blooms, gardens, landscapes

Example Output:

{example}

...

Using the format and example provided above, identify all categories from the list of known \
categories that have a direct relationship with the new category **{category}**.

New Category: {category}

List of Seen Categories: {seen}

Focus on associations that would be most relevant for understanding or classifying **{category}** \
within this domain.
"""
AS_TEXT = """\
Please provide the information for each relevant category in the following format:

Related Category [Number]: [Category Name]
- **Type of Relationship:** [Relationship Type]
- **Association Strength:** High / Medium / Low
- **Explanation:** [Brief explanation of the relationship and the reason for the assigned strength]
"""
TEXT_EXAMPLE = """\
Related Category 1: natural
- **Type of Relationship:** Synonymy/Similarity
- **Association Strength:** High
- **Explanation:** "Natural" is conceptually very similar to "nature" as both refer to elements of \
the physical world not created by humans.

Related Category 2: fauna
- **Type of Relationship:** Is-a/Hypernym
- **Association Strength:** High
- **Explanation:** "Fauna" represents the animal life of a region, which is a fundamental \
part of "nature"."""
AS_JSON = """\
Please answer with one JSON object {"related": [...]}, whose entries have the keys "category", \
"relation" (a type of the list above), "strength" ("High", "Medium" or "Low") and "explanation".
"""
JSON_EXAMPLE = """\
{"related": [{"category": "natural", "relation": "Synonymy/Similarity", "strength": "High", \
"explanation": "Both refer to elements of the physical world not created by humans."}, \
{"category": "fauna", "relation": "Is-a/Hypernym", "strength": "High", "explanation": "Fauna \
represents the animal life of a region."}]}"""


@dataclass(frozen=True)
class About:
    """What an answer is about: a category and the number of the query."""

    category: str
    listed: tuple[str, ...]  # the seen categories, one tuple for all
    query: int

    @property
    def seen(self) -> list[str]:
        """What may be named: the seen categories but this one."""
        return [name for name in self.listed if name != self.category]


@dataclass(frozen=True)
class Question(About):
    """One call."""

    settings: Llm

    @cached_property
    def key(self) -> str:
        """The name of its answers in the store: model, settings and prompt, in either form."""
        s = self.settings
        return digest([s.model, s.temperature, s.max_tokens, self.prompt(structured=False)])

    def prompt(self, *, structured: bool) -> str:
        """Return the text of the prompt, for an answer in JSON or in words."""
        form, example = (AS_JSON, JSON_EXAMPLE) if structured else (AS_TEXT, TEXT_EXAMPLE)
        return TASK.format(
            category=self.category, form=form, example=example, seen=", ".join(self.seen)
        )

    def request(self, form: Form) -> dict[str, Any]:
        """Return the body of a call to /chat/completions."""
        prompt = self.prompt(structured=form.structured)
        body: dict[str, Any] = {
            "model": self.settings.model,
            "messages": [{"role": "user", "content": prompt}],
        }
        if form.temperature:
            body["temperature"] = self.settings.temperature
        if form.tokens:
            body[form.tokens] = self.settings.max_tokens
        return body | ({"response_format": _schema()} if form.structured else {})


def subjects(names: Sequence[str], seen: Sequence[str], queries: int) -> list[About]:
    """Return what is answered, category by category; nothing where there is nothing to name."""
    listed = tuple(seen)
    return [
        About(name, listed, query)
        for name in names
        for query in range(queries)
        if set(listed) - {name}
    ]


def questions(names: Sequence[str], seen: Sequence[str], settings: Llm) -> list[Question]:
    """Return every question that a language model is asked, in the order of ``subjects``."""
    return [
        Question(one.category, one.listed, one.query, settings)
        for one in subjects(names, seen, settings.queries)
    ]


def tokens(asked: Sequence[Question]) -> int:
    """Estimate the length of the prompts."""
    letters = sum(len(question.prompt(structured=True)) for question in asked)
    return -(-letters // CHARACTERS_PER_TOKEN)


def _schema() -> dict[str, Any]:
    texts = {"category": {"type": "string"}, "relation": {"type": "string", "enum": [*RELATIONS]},
             "strength": {"type": "string", "enum": [*STRENGTHS]},
             "explanation": {"type": "string"}}  # fmt: skip
    entry = {"type": "object", "properties": texts, "required": [*texts],
             "additionalProperties": False}  # fmt: skip
    schema = {"type": "object", "properties": {"related": {"type": "array", "items": entry}},
              "required": ["related"], "additionalProperties": False}  # fmt: skip
    return {
        "type": "json_schema",
        "json_schema": {"name": "related_categories", "strict": True, "schema": schema},
    }
