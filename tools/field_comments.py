"""What the code says of a field in a comment behind it stands on the API pages as its docstring."""

from typing import Any

import griffe


class FieldComments(griffe.Extension):
    """Reads ``names: list[str]  # in the order of the logits``, and comments that go on below."""

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Give a field its comment."""
        if attr.docstring is None and attr.lineno and isinstance(attr.parent, griffe.Class):
            lines = attr.parent.module.source.splitlines()
            if text := comment_of(lines[(attr.endlineno or attr.lineno) - 1 :]):
                attr.docstring = griffe.Docstring(text, parent=attr)


def comment_of(lines: list[str]) -> str:
    """Return the comment behind the first line, and of lines below that hold nothing else."""
    _, found, comment = lines[0].partition("  # ")
    if not found:
        return ""
    parts = [comment]
    for line in lines[1:]:
        if not line.strip().startswith("# "):
            break
        parts.append(line.strip().removeprefix("# "))
    text = " ".join(parts).strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…", "?")) else ".")
