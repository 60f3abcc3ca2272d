"""Files of data beside the page, which also open from a disk: scripts that set a value.

A browser lets a page from a disk load scripts and pictures, and no JSON.
"""

import json

from pipeline_lib.reporting.beside import DATA, Beside

SPACE = "protoweave"  # the one global name
ESCAPED = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


def script(name: str, value: object) -> str:
    """Write a script that sets ``protoweave[name]``, in ASCII and without markup.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False).translate(ESCAPED)
    return f"(window.{SPACE}??={{}})[{json.dumps(name).translate(ESCAPED)}]={text};\n"


def add(beside: Beside, name: str, value: object) -> str:
    """Put such a script beside the page, and return the link to it."""
    return beside.add(DATA, script(name, value).encode(), "js")
