"""What stands between a folder, what the user said, and a plan: places, layout, weights."""

import os
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML

from pipeline_lib.datasets.location import DATA, OWN, place
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.project import presets
from pipeline_lib.project.start.plan import PHOTOGRAPH, PHOTOS, Wishes
from pipeline_lib.project.start.survey import Survey, survey
from pipeline_lib.project.start.weights import MODEL, cached, checked, how_to_get


def placed(data: str) -> tuple[str, Path | None]:
    """Return the ``dataset.path`` of a folder, and where it lies if that is not in the checkout.

    Raises:
        InputError: there is no such folder, or the environment names another one.
    """
    if os.environ.get(DATA):
        raise InputError(
            f"{DATA} is set, and every stage would read '{os.environ[DATA]}' instead of '{data}'; "
            "unset it"
        )
    if not Path(data).expanduser().exists():
        raise InputError(
            f"'{data}' does not exist, expected the folder of a data set; mend its name"
        )
    inside, elsewhere = place(Path(data))
    return inside or OWN, elsewhere


def look(folder: Path, data: str) -> Survey:
    """Look at a data set with the settings of the preset for photographs, of whatever layout.

    Raises:
        InputError: as ``survey``.
    """
    section = YAML(typ="safe").load(presets.text_of(folder, PHOTOS, {}))["dataset"]
    whole = os.path.abspath(Path(data).expanduser())
    section |= {"path": whole, "format": "auto"}
    found = survey(Dataset.model_validate(section))
    if found.tests_on_val:
        return survey(Dataset.model_validate({**section, "test_share": 0.0}))
    return found


def settled(found: Survey, wishes: Wishes, data: str) -> tuple[Wishes, tuple[str, ...]]:
    """Look for weights where photographs want some, and return the wishes with what to say.

    Raises:
        InputError: a checkpoint that does not fit, or two sources of weights.
    """
    if wishes.weights and wishes.online:
        raise InputError("--weights and --online: expected one source of weights; drop one of them")
    model = wishes.model or MODEL
    if found.side <= PHOTOGRAPH:
        return wishes, _idle(found, wishes)
    if wishes.weights:
        checked(Path(wishes.weights).expanduser(), model)
        return replace(wishes, weights=presets.home(wishes.weights)), ()
    if wishes.online:
        return wishes, ()
    if kept := cached(model):
        return replace(wishes, online=True), (f"the weights of {model} are here: {kept}",)
    return replace(wishes, model=None), (
        f"no weights of {model} are on this machine",
        *how_to_get(model, data),
    )


def _idle(found: Survey, wishes: Wishes) -> tuple[str, ...]:
    if not (wishes.weights or wishes.online):
        return ()
    raise InputError(
        f"--{'weights' if wishes.weights else 'online'}: pictures of {found.side:.0f} pixels are "
        f"learnt from scratch, expected photographs of more than {PHOTOGRAPH}; drop it, or use "
        "the preset for photographs: `protoweave use image-folder --data DIR`"
    )
