"""One function per variant of every object, grouped by theme."""

from collections.abc import Callable

from pipeline_lib.datasets.scenes.drawings import (
    animals,
    buildings,
    desk,
    farm_animals,
    furniture,
    garden,
    harbour,
    kitchen,
    leisure,
    machines,
    shore_animals,
    vehicles,
)
from pipeline_lib.datasets.scenes.pen import Pen

Drawing = Callable[[Pen], None]

DRAWINGS: dict[str, dict[str, Drawing]] = {
    **harbour.DRAWINGS,
    **shore_animals.DRAWINGS,
    **vehicles.DRAWINGS,
    **machines.DRAWINGS,
    **farm_animals.DRAWINGS,
    **animals.DRAWINGS,
    **buildings.DRAWINGS,
    **garden.DRAWINGS,
    **leisure.DRAWINGS,
    **kitchen.DRAWINGS,
    **desk.DRAWINGS,
    **furniture.DRAWINGS,
}
