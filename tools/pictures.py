"""The pictures of docs/: cut from a report, the graph of its stages, pictures found by words.

    python -m tools.pictures            # of the checkout, after `dvc repro`
    python -m tools.pictures OTHER      # of another one

Needs Chromium. Run it where a page of docs/ shows another picture, or the report looks otherwise.
"""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

from pipeline_lib.api import load_towers
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.datasets.images import Images
from pipeline_lib.errors import InputError
from pipeline_lib.reporting.beside import PICTURES as BESIDE
from pipeline_lib.reporting.pictures import encoded
from pipeline_lib.reporting.search_page import FoundPicture, FoundText, search_page
from tools.stage_graph import after, all_alike, seconds, stage_graph

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
REPORT = Path("data/artifacts/report/index.html")
WIDTH, TALLEST, SCALE = 900, 440, 1.25  # pixels of the page, and how many of a picture are one
COLOURS = 48
MOST_BYTES = 60_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")

# What a page shows of the report: a heading, with what follows it until the next one; or a section.
CUT = {
    "artifacts": "run-3-training",
    "category_graphs": "graph-tags-the-strongest-edges-of-each-source",
    "clustering": "relations-Mixed-clusters",
    "comparing": "results-tags",
    "datasets": "data-pictures-of-train",
    "evidence": "liveness-tags",
    "extending": "run-5-explanations",
    "log": "regions-how-well-they-find-objects",
    "methods": "results",
    "open_vocabulary": "open-vocabulary-where-methods-see-a-label",
    "predict": "run-4-most-frequent-confusions-on-test",
    "quickstart": "findings",
}
# What a page shows of the graph of stages: which are coloured, and what is written below them.
GRAPHS = {"architecture": all_alike, "team": after, "scaling": seconds}

# What a page shows of a search among the pictures of the test split, and what is cut off.
FOUND, TEXTS, BEST = "recognise", ("a sailing boat", "a tractor"), 7
BARE = """<style>body > a, header, nav { display: none } body { max-width: none }
  .found { grid-template-columns: repeat(7, 1fr) } section { margin: 0; padding: 0 }
</style></head>"""

# Leaves a page with one of its parts; what pictures are made of stays, out of sight.
SCRIPT = """<style>
  :root { color-scheme: light; } body { padding: 8px; margin: 0; max-width: none; }
  h2, h3 { margin-top: 0 !important; } section { border: 0; margin: 0; padding: 0; }
</style><script>
  const start = document.getElementById("PLACE");
  if (!start) { document.title = "missing"; document.body.textContent = ""; }
  const found = [];
  if (start && start.tagName === "SECTION") found.push(...start.childNodes);
  else for (let node = start; node && (node === start || !/^H[23]$/.test(node.nodeName));
            node = node.nextSibling) found.push(node);
  const kept = [...document.querySelectorAll("svg.defs")];
  document.body.replaceChildren(...found, ...kept);
</script>"""


def main(checkout: Path) -> None:
    """Draw all pictures.

    Raises:
        InputError: there is no report or no browser, the report has no such part, or a picture is
            too large.
    """
    report = checkout / REPORT
    if not report.exists():
        raise InputError(f"{report}: missing; run `dvc repro`")
    page = from_anywhere(report)
    for name, place in CUT.items():
        _write(name, part_of(page, place))
    graph = stage_graph(checkout)
    for name, told in GRAPHS.items():
        _write(name, graph.drawn(told(graph, checkout)))
    _write(FOUND, found_page(checkout).replace("</head>", BARE))


def found_page(checkout: Path) -> str:
    """Return the page of `protoweave recognise` of pictures of the test split."""
    made = checkout / "data/artifacts"
    table = read_samples(made / "ingest/samples.parquet")
    rows = table.rows(TEST)
    pixels = Images(made / "ingest/images.safetensors", table.samples).pixels(rows.tolist())
    cosines = load_towers(made / "vlp/towers", device="cpu").search(pixels, TEXTS)
    return search_page(
        [
            FoundText(
                text,
                [
                    FoundPicture(table.ids[rows[at]], float(row[at]), encoded(pixels[at]), "")
                    for at in row.topk(BEST).indices.tolist()
                ],
            )
            for text, row in zip(TEXTS, cosines, strict=True)
        ],
        [],
    )


def from_anywhere(report: Path) -> str:
    """Return a page that finds its pictures wherever it lies."""
    beside = f'="{report.parent.resolve().as_uri()}/{BESIDE}/'
    return report.read_text(encoding="utf-8").replace(f'="{BESIDE}/', beside)


def part_of(page: str, place: str) -> str:
    """Return the page with one of its parts left.

    Raises:
        InputError: it has no such part.
    """
    if f'id="{place}"' not in page:
        raise InputError(
            f"{REPORT}: no part '{place}', expected one; see its headings, and name another in "
            "tools/pictures.py"
        )
    return page.replace("</body>", SCRIPT.replace("PLACE", place) + "</body>")


def _write(name: str, page: str) -> None:
    data = _png(_shot(page))
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{name}: {len(data)} bytes, expected at most {MOST_BYTES}; cut less of the report"
        )
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(data)
    sys.stdout.write(f"{name}: {len(data)} bytes\n")


def _shot(page: str) -> Image.Image:
    """Return what Chromium makes of a page, as high as it is."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise InputError(f"no browser found, expected one of {', '.join(BROWSERS)}; install one")
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page, encoding="utf-8")
        size = (f"--window-size={WIDTH},{TALLEST}", f"--force-device-scale-factor={SCALE}")
        command = [browser, *OPTIONS, *size, f"--screenshot={target}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return Image.open(io.BytesIO(target.read_bytes())).convert("RGB")


def _png(image: Image.Image) -> bytes:
    """Return a picture without its empty margin, in few colours."""
    empty = Image.new("RGB", image.size, "white")
    image = image.crop(ImageChops.difference(image, empty).getbbox())
    data = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    return data.getvalue()


def named() -> Iterator[str]:
    """Yield the names of all pictures."""
    yield from (*CUT, *GRAPHS, FOUND)


if __name__ == "__main__":
    try:
        main(Path(*sys.argv[1:2]) if sys.argv[1:] else ROOT)
    except InputError as error:
        sys.exit(f"error: {error}")
