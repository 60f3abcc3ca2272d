"""What mkdocs is told besides mkdocs.yml: pages that lie elsewhere in the repository, and the API.

Links are those of the repository, so that every page reads on the hosting site as well.
"""

import json
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from pipeline_lib.methods.registry import METHODS
from tools.api_pages import api_pages

ROOT = Path(__file__).parents[1]
ELSEWHERE = {  # where a page lies, and where it is in the site
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CITATION.cff": "citation.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "examples/README.md": "examples/index.md",
    **{f"pipeline_lib/methods/{name}/README.md": f"methods/{name}.md" for name in METHODS},
}
PACKAGES = "pipeline_lib/methods/"
LINK = re.compile(r"(?<=\])\((?!https?:|#)([^)#\s]*)(#[^)\s]*)?\)")
MERMAID = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)
DRAWN = "![The stages and what each reads](pictures/architecture.png)\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not below docs/."""
    for source, place in ELSEWHERE.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, place, content=_text(ROOT / source)))
    for path in sorted((ROOT / "examples").iterdir()):
        if path.suffix in (".py", ".ipynb"):
            place = f"examples/{path.stem}.md"
            inclusion = InclusionLevel.NOT_IN_NAV  # examples/README.md lists them
            files.append(File.generated(config, place, content=_code(path), inclusion=inclusion))
    for place, text in api_pages().items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files of the repository into links between pages."""
    place = page.file.src_uri
    source = {v: k for k, v in ELSEWHERE.items()}.get(place, f"docs/{place}")

    def moved(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        return f"({_link(path, place)}{link[2] or ''})"

    return MERMAID.sub(DRAWN, LINK.sub(moved, markdown))


def _link(path: str, place: str) -> str:
    """Return the way from a page to a file of the repository, which may be a page too."""
    if path in ELSEWHERE:
        page = ELSEWHERE[path]
    elif path.startswith("examples/"):
        page = f"{posixpath.splitext(path)[0]}.md"
    else:  # the package of a method that has no README is told of by its docstrings
        page = "api/methods.md" if path.startswith(PACKAGES) else path.removeprefix("docs/")
    return posixpath.relpath(page, posixpath.dirname(place) or ".")


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text if path.suffix == ".md" else f"# Citation\n\n```yaml\n{text}```\n"


def _code(path: Path) -> str:
    """Return an example or a notebook as a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return f"# {path.stem}\n\n```python\n{text}```\n"
    cells = json.loads(text)["cells"]
    return "\n\n".join(_cell(cell["cell_type"], "".join(cell["source"])) for cell in cells)


def _cell(kind: str, text: str) -> str:
    return text if kind == "markdown" else f"```python\n{text}\n```"
