"""What the page knows of its images and runs before a picture opens, in columns."""

from collections.abc import Sequence
from typing import Any

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.explorer.chosen import Chosen
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.runs import Run


def described(run: Run, runs: Sequence[Run], sees: str, cuts: list[int]) -> dict[str, Any]:
    """Describe a run.

    Args:
        run: the run.
        runs: all of them, to which it is compared by place.
        sees: what it explains its answers with: "regions", "patches" or "".
        cuts: the probability above which each tag is decided for; of classes nothing.
    """
    names = [one.name for one in runs]
    references = [names.index(name) for name in run.references if name in names]
    title = METHODS[run.header["method"]].title
    about = {"name": run.name, "title": title, "target": run.target, "sees": sees}
    return about | {"to": references, "cuts": cuts}


def columns(data: Collection, shown: Chosen, pictures: Sequence[Picture]) -> dict[str, Any]:
    """Return what is known of every image that is shown, without runs."""
    samples = data.samples[shown.rows]
    files = [_file(*file) for file in samples.select("sample_id", "path", "row").iter_rows()]
    return {
        "ids": samples["sample_id"].to_list(),
        "files": files,
        "splits": list(shown.splits.items()),
        "of": [len(data.rows(split)) for split in shown.splits],
        "classes": samples["classes"].to_list(),
        "tags": samples["tags"].to_list(),
        "names": {"classes": data.class_names, "tags": data.tag_names},
        "unseen": [int(not seen) for seen in data.of("tags")["seen"]],
        "pictures": [[picture.link, picture.width, picture.height] for picture in pictures],
    }


def _file(sample_id: str, path: str, row: int | None) -> str:
    """Say where an image is, unless its key does."""
    return ("" if path == sample_id else path) if row is None else f"{path}, row {row}"
