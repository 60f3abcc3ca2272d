"""Which column of a table holds what: as params say, or by its usual name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Columns
from pipeline_lib.params.nearest import nearest

AUTO = "auto"
USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("image_id", "id", "key", "__key__"),
    "image": ("image", "img", "jpg", "png"),
    "split": ("split",),
    # "cls" is WebDataset's, as the Hub shows its archives
    "classes": ("class_name", "class", "classes", "label", "labels", "fine_label", "cls"),
    "tags": ("tags", "ingredients", "objects"),
    "caption": ("caption", "captions", "text", "texts", "sentence", "sentences"),
    "boxes": ("boxes", "bboxes"),
    "box_tags": ("box_labels", "box_tags"),
}


@dataclass(frozen=True)
class ColumnNames:
    """The column of each role; None where the table has none."""

    id: str | None
    image: str | None
    split: str | None
    classes: str | None
    tags: str | None
    caption: str | None
    boxes: str | None
    box_tags: str | None

    def present(self) -> list[str]:
        """Return the columns that there are, except the image."""
        names = (
            *(self.id, self.split, self.classes, self.tags, self.caption),
            *(self.boxes, self.box_tags),
        )
        return [name for name in names if name is not None]


def find_columns(
    columns: Columns,
    available: Sequence[str],
    where: Path,
    usual: Mapping[str, tuple[str, ...]] = USUAL,
) -> ColumnNames:
    """Resolve ``dataset.columns`` against the columns of one table.

    Raises:
        InputError: a column that params name is not there.
    """
    return ColumnNames(
        **{
            role: _find(role, getattr(columns, role), available, where, usual[role])
            for role in USUAL
        }
    )


def _find(
    role: str, wanted: str, available: Sequence[str], where: Path, usual: tuple[str, ...]
) -> str | None:
    if wanted == AUTO:
        known = {name.casefold(): name for name in reversed(available)}
        return next((known[name] for name in usual if name in known), None)
    if wanted and wanted not in available:
        raise InputError(
            f"{where}: has no column '{wanted}' (dataset.columns.{role})"
            f"{nearest(wanted, available)}; name one of its columns, or '' for none"
        )
    return wanted or None
