"""The command `protoweave recognise`: words in, the pictures that show them out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipeline_lib.console import errors, print_table, say, track
from pipeline_lib.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from pipeline_lib.prediction.search import Encodings
    from pipeline_lib.prediction.sources import Pictures

TOWERS, KEPT, PARAMS = Path("data/artifacts/vlp/towers"), Path(".protoweave"), Path("params.yaml")
FOUND = Path("found.html")
PAGES, TABLES = (".html",), (".csv", ".parquet")
SIDE = 224  # pixels of a picture in the page


def recognise(
    texts: Annotated[list[str], typer.Argument(help="Names of what the pictures show.")],
    images: Annotated[
        list[str], typer.Option("--images", help="A folder of pictures, a picture, or Parquet.")
    ],
    model: Annotated[
        Path, typer.Option(help="Folder of a vision-language model, as open_clip saves it.")
    ] = TOWERS,
    out: Annotated[Path, typer.Option(help="An .html page that holds the pictures.")] = FOUND,
    table: Annotated[Path | None, typer.Option(help="A .csv or .parquet of them.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Pictures of each text.")] = 12,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="The texts are whole sentences: no prompt around them.")
    ] = False,
    device: Annotated[
        Literal["cpu", "cuda"] | None, typer.Option(help="Where the model computes.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Of Parquet: the column of ids.")] = "auto",
    image_column: Annotated[str, typer.Option(help="Of Parquet: the column of pictures.")] = "auto",
) -> None:
    """Find the pictures that show best what words say."""
    for path, ends in ((out, PAGES), (table, TABLES)):
        if path is not None and path.suffix not in ends:
            raise InputError(
                f"{path}: ends in '{path.suffix}', expected {' or '.join(ends)}; name the file so"
            )
    if model == TOWERS and not model.is_dir():
        raise InputError(
            f"{model}: there is no model here, expected the folder that stage vlp writes; run `dvc "
            "repro vlp`, or name a folder of open_clip's format by --model"
        )
    from pipeline_lib.api import load_towers
    from pipeline_lib.prediction import find_pictures
    from pipeline_lib.prediction.search import Search

    pictures = find_pictures(images, id_column=id_column, image_column=image_column)
    towers = load_towers(model, device=device)
    wanted = list(dict.fromkeys(texts))
    of_texts = towers.encode_texts(wanted, ("{}",) if as_is else _prompts(PARAMS))
    encodings = Search(towers, pictures, KEPT / "recognise").encoded(track)
    found = encodings.table(wanted, of_texts, top)
    _tell(encodings, model)
    if table is not None:
        _write_table(found, table)
    _write_page(found, out, pictures, encodings, model)
    for (text,), rows in found.group_by("text", maintain_order=True):
        say(f"\n{text}")
        print_table(
            ("", "cosine", "picture"),
            [(str(r["rank"]), f"{r['score']:.3f}", r["id"]) for r in rows.iter_rows(named=True)],
        )


def _prompts(params: Path) -> tuple[str, ...]:
    """Return the prompts of section ``text``; the usual one where there is none."""
    from pipeline_lib.api.towers import PROMPTS
    from pipeline_lib.params.section import read_yaml
    from pipeline_lib.params.text import Text

    if not params.is_file() or "text" not in read_yaml(params):
        return PROMPTS
    return tuple(getattr(Text.load("text", params).source, "prompts", PROMPTS))


def _tell(encodings: "Encodings", model: Path) -> None:
    unused = "".join(f"; {count} {reason}" for reason, count in encodings.unused.items())
    errors.print(
        f"{model}: {len(encodings.items)} pictures, {encodings.encoded} encoded now{unused}",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _write_table(found: "pl.DataFrame", path: Path) -> None:
    from pipeline_lib.artifacts.atomic import replacing

    with replacing(path) as temporary:
        (found.write_csv if path.suffix == ".csv" else found.write_parquet)(temporary)


def _write_page(
    found: "pl.DataFrame", path: Path, pictures: "Pictures", encodings: "Encodings", model: Path
) -> None:
    from pipeline_lib.artifacts.atomic import write_bytes
    from pipeline_lib.reporting.search_page import FoundText, search_page

    by_key = {item.key: item for item in encodings.items}
    texts = [
        FoundText(
            str(text),
            [
                _shown(by_key[row["id"]], row["score"], pictures)
                for row in rows.iter_rows(named=True)
            ],
        )
        for (text,), rows in found.group_by("text", maintain_order=True)
    ]
    about = [("pictures", f"{len(encodings.items):,}"), ("model", str(model))]
    about += [(reason, str(count)) for reason, count in encodings.unused.items()]
    write_bytes(path, search_page(texts, about).encode())
    say(f"{path}: open it in a browser")


def _shown(item: Any, score: float, pictures: "Pictures") -> Any:
    from pipeline_lib.datasets.decode import decode
    from pipeline_lib.prediction.run import MAX_PIXELS
    from pipeline_lib.prediction.sources import Files
    from pipeline_lib.reporting.pictures import encoded
    from pipeline_lib.reporting.search_page import FoundPicture

    pixels = decode(pictures.load(item.path, item.row), max_pixels=MAX_PIXELS)
    link = ""
    if isinstance(pictures, Files):
        link = (pictures.root / item.path).resolve().as_uri()
    return FoundPicture(item.key, score, encoded(pixels, SIDE), link)
