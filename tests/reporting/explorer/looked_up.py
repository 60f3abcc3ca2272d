"""The files of data beside a page, read as a browser reads them."""

import json
import re
from pathlib import Path
from typing import Any


def looked_up(out: Path) -> dict[str, Any]:
    """Return what the scripts of a report set, by name."""
    found = {}
    for path in sorted((out / "data").iterdir()):
        text = path.read_text("ascii")
        name, value = re.fullmatch(
            r'\(window\.protoweave\?\?=\{\}\)\[(".*?")\]=(.*);\n', text
        ).groups()
        found[json.loads(name)] = json.loads(value)
    return found
