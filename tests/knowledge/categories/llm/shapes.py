"""The ways in which language models write one and the same answer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

Entry = dict[str, Any]
Shape = Callable[[Sequence[Entry]], str]
EXAMPLE = {"related": [{"category": "an example", "relation": "", "strength": "Low"}]}


def as_json(entries: Sequence[Entry]) -> str:
    return json.dumps({"related": list(entries)})


def renamed(**keys: str) -> Shape:
    """Other keys than those that were asked for."""
    return lambda entries: json.dumps(
        {"related": [{keys.get(key, key): value for key, value in e.items()} for e in entries]}
    )


def paper(head: str, *, bold: bool = True) -> Shape:
    """The paper's form under some head."""
    mark = "**" if bold else ""

    def write(entries: Sequence[Entry]) -> str:
        return "\n\n".join(
            f"{head.format(number=i, name=e['category'])}\n"
            f"- {mark}Type of Relationship:{mark} {e['relation']}\n"
            f"- {mark}Association Strength:{mark} {e['strength']}\n"
            f"- {mark}Explanation:{mark} {e['explanation']}"
            for i, e in enumerate(entries, 1)
        )

    return write


def listed(line: str) -> Shape:
    """One line an entry."""
    return lambda entries: "\n".join(line.format(number=i, **e) for i, e in enumerate(entries, 1))


def around(before: str, shape: Shape, after: str = "") -> Shape:
    return lambda entries: before + shape(entries) + after


def python(entries: Sequence[Entry]) -> str:
    return repr({"related": list(entries), "more": None})


SHAPES: dict[str, Shape] = {
    "asked for": as_json,
    "indented": lambda entries: json.dumps({"related": list(entries)}, indent=2),
    "fence": around("```json\n", as_json, "\n```"),
    "fence, Windows": lambda entries: f"```json\r\n{as_json(entries)}\r\n```\r\n",
    "fence without end": around("```json\n", as_json),
    "words around": around("Sure! Here is it [as asked]:\n", as_json, "\nAnything else?"),
    "words and fence": around("Here:\n\n```json\n", as_json, "\n```\nHope this helps {really}."),
    "example, then answer": around(f"Example: {json.dumps(EXAMPLE)}\nAnswer: ", as_json),
    "trailing commas": lambda entries: as_json(entries).replace("}]}", "},]}").replace('"}', '",}'),
    "single quotes": python,
    "typographic quotes": lambda entries: as_json(entries).replace('"', "”"),
    "bare keys": lambda entries: as_json(entries).replace('"category"', "category"),
    "comments": lambda entries: as_json(entries).replace("}, {", "}, // next\n{"),
    "commas forgotten": lambda entries: as_json(entries).replace('", "', '" "'),
    "list": lambda entries: json.dumps(list(entries)),
    "lines": lambda entries: "\n".join(map(json.dumps, entries)),
    "lines with commas": lambda entries: ",\n".join(map(json.dumps, entries)),
    "by name": lambda entries: json.dumps({"related": {e["category"]: e for e in entries}}),
    "strength by name": lambda entries: json.dumps({e["category"]: e["strength"] for e in entries}),
    "capital keys": renamed(category="Category", strength="Strength", relation="Relation",
                            explanation="Explanation"),
    "long keys": renamed(category="Related Category", strength="Association Strength",
                         relation="Type of Relationship"),
    "snake keys": renamed(category="category_name", strength="association_strength",
                          relation="relationship_type", explanation="reason"),
    "another list": lambda entries: json.dumps({"New Category": "x",
                                                "Related Categories": list(entries)}),
    "paper": paper("Related Category {number}: {name}"),
    "paper, Windows": lambda e: paper("Related Category {number}: {name}")(e).replace("\n", "\r\n"),
    "paper, plain": paper("Related Category {number}: {name}", bold=False),
    "paper, bold": paper("**Related Category {number}:** {name}"),
    "paper, bold name": paper("**Related Category {number}: {name}**"),
    "paper, heading": paper("### Related Category {number}: {name}"),
    "paper, numbered": paper("{number}. Related Category: {name}"),
    "paper, hash": paper("Related Category #{number}: {name}"),
    "paper, quoted": paper('Related Category {number}: "{name}"'),
    "paper, words around": around("Some are.\n\n", paper("Related Category {number}: {name}"),
                                  "\n\nThese are all."),
    "numbered": paper("{number}. {name}"),
    "numbered, bold": paper("{number}. **{name}**"),
    "numbered, bracket": paper("{number}) {name}", bold=False),
    "bold": paper("**{name}**"),
    "headings": paper("## {name}"),
    "bullets": listed("- {category}: {strength} ({relation}), {explanation}"),
    "lines of a list": listed("{number}. **{category}** - {strength} - {relation} - {explanation}"),
    "brackets": listed("* {category} ({strength}): {relation}: {explanation}"),
    "plain lines": listed("{category}: {strength} ({relation})"),
    "comma-separated": around("category,strength,type\n",
                              listed("{category},{strength},{relation}")),
    "fields": listed("Category: {category}\nStrength: {strength}\nType: {relation}\n"),
    "YAML": around("related:\n", listed("  - category: {category}\n"
                                        "    type: {relation}\n    strength: {strength}")),
    "table": around("| Category | Type | Strength | Why |\n|---|---|---|---|\n",
                    listed("| {category} | {relation} | {strength} | {explanation} |")),
    "numbered table": around("| # | Category | Strength | Type | Why |\n|---|:--|---|---|---|\n",
                    listed("| {number} | {category} | {strength} | {relation} | {explanation} |")),
}  # fmt: skip
DRAFTS = [
    "<think>{}</think>",
    "<think>\n{}\n</think>\n\n",
    "<thinking>{}</thinking>",
    "<THINK>{}</THINK>",
    "<think type='long'>{}</think>",
    "<think>a <think>{}</think> b</think>",
    "[THINK]{}[/THINK]",
    "◁think▷{}◁/think▷",
    "<reasoning>{}</reasoning>",
    "{}</think>",  # the start lies in the server's template
]
