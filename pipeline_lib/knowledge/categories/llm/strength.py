"""How strong a relation an answer states: a word or number of its own, and nothing else."""

import re

from pipeline_lib.knowledge.categories.llm.question import STRENGTHS

LEVEL = "|".join(STRENGTHS)
WORD = re.compile(
    rf"^\W*(?:[0-3](?:\.0+)?(?:\s*/\s*3)?\W+)?(?:(?:very|quite|rather|fairly)\s+)?(?P<word>{LEVEL})\b"
    rf"(?!\W*(?:(?:or|to|and)\b\W*)?(?:{LEVEL})\b)", re.I,
)  # fmt: skip
NUMBER = re.compile(r"^\W*(?P<number>[0-3])(?:\.0+)?(?:\s*(?:/|out of)\s*3)?\W*$")
NONE = re.compile(r"^\W*(?:none|no|no relation(?:ship)?|n/a|unrelated)\W*$", re.I)


def strength(stated: object) -> int | None:
    """Return 3 for High, 2 for Medium, 1 for Low and 0 for none; None where that is not said.

    "Not high" says what it is not, and "High / Medium / Low" is the question's own form.
    """
    if isinstance(stated, bool) or not isinstance(stated, str | int | float):
        return None
    text = re.sub(r"[*`_]+", "", str(stated))
    if match := WORD.match(text):
        return STRENGTHS[match["word"].capitalize()]
    if match := NUMBER.match(text):
        return int(match["number"])
    return 0 if NONE.match(text) else None
