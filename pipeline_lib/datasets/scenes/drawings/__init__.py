"""One function per variant of every object, grouped by theme."""

from collections.abc import Callable

from pipeline_lib.datasets.scenes.drawings import (
    animals,
    belongings,
    buildings,
    desk,
    farm_animals,
    flying_animals,
    furniture,
    garden,
    harbour,
    household,
    kitchen,
    leisure,
    machines,
    outdoors,
    quay,
    shore_animals,
    vehicles,
    wild_animals,
    yard,
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
    **quay.DRAWINGS,
    **wild_animals.DRAWINGS,
    **flying_animals.DRAWINGS,
    **outdoors.DRAWINGS,
    **yard.DRAWINGS,
    **household.DRAWINGS,
    **belongings.DRAWINGS,
}
