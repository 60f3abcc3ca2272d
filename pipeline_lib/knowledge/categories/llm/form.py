"""Which parameters a server takes, found out by asking: it refuses a call and names one.

Models differ: some want ``max_completion_tokens`` for ``max_tokens``, some take no temperature but
their own, some no ``response_format``. What was refused because of its value is not left out.
"""

import json
import re
from dataclasses import dataclass, replace

MEANT = {  # how complaints name a parameter
    "response_format": r"response[_ ]?format|json[_ ]?schema|json[_ ]mode|structured output",
    "max_tokens": r"max[_ ]?(?:completion[_ ]?|output[_ ]?|new[_ ]?)?tokens|context[_ ]length",
    "temperature": r"temperature",
}
OF_VALUE = re.compile(
    r"\b(?:too (?:large|high|long|low|small)|maximum|minimum|at (?:most|least)|between|exceeds?"
    r"|range|(?:greater|less|more|fewer|higher|lower) than|positive|negative)\b", re.I,
)  # fmt: skip
ALLOWED = re.compile(
    r"\b(?:expected one of|(?:allowed|valid|supported|permitted) (?:parameters|fields|arguments))",
    re.I,
)
TOKENS = ("max_tokens", "max_completion_tokens", None)  # in the order in which they are tried


@dataclass(frozen=True)
class Form:
    """How a question is put."""

    structured: bool = True  # an answer in JSON is demanded, and not only asked for
    tokens: str | None = "max_tokens"  # the name of the limit of an answer; None: without one
    temperature: bool = True

    def after(self, complaint: str) -> "Form | None":
        """Return another form to try after a complaint, or None where none might help.

        A complaint that names no parameter may mean the one that fewest servers know.
        """
        blamed = named(complaint)
        if OF_VALUE.search(complaint) and blamed and "response_format" not in blamed:
            return None
        changed = self
        if "temperature" in blamed:
            changed = replace(changed, temperature=False)
        if "max_tokens" in blamed and self.tokens:
            changed = replace(changed, tokens=TOKENS[TOKENS.index(self.tokens) + 1])
        if "response_format" in blamed or not blamed:
            changed = replace(changed, structured=False)
        return changed if changed != self else None

    def remarks(self) -> list[str]:
        """Say which parameters were left out, one sentence each."""
        said = []
        if not self.temperature:
            said.append("temperature (category_graph.llm.temperature): the model's own holds")
        if self.tokens is None:
            said.append("limit of an answer (category_graph.llm.max_tokens): none holds")
        return [f"the language model's server takes no {what}" for what in said]


def named(complaint: str) -> list[str]:
    """Return the parameters that a complaint is about, a response's text.

    Where it is JSON with a place for that (OpenAI's ``error.param``, FastAPI's ``detail.loc``) only
    the place counts; otherwise a list of what would be allowed does not.
    """
    about = _place(complaint) or ALLOWED.split(complaint)[0]
    return [name for name, words in MEANT.items() if re.search(words, about, re.I)]


def _place(complaint: str) -> str:
    try:
        body = json.loads(complaint)
    except ValueError:
        return ""
    error, detail = (
        (body.get(key) for key in ("error", "detail")) if isinstance(body, dict) else (0, 0)
    )
    if isinstance(error, dict):
        return str(error.get("param") or "")
    if isinstance(detail, list):
        return " ".join(str(entry.get("loc", "")) for entry in detail if isinstance(entry, dict))
    return ""
