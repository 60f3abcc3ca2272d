"""The colours that drawings and backgrounds share."""

from pipeline_lib.datasets.scenes.pen import Tone

BODY, LIGHT, DARK = Tone(), Tone(0.45), Tone(-0.35)

INK = "#2b2b33"
WHITE = "#faf8f2"
CREAM = "#f1e3c4"
STEEL = "#9aa6b2"
GREY = "#6c7480"
SLATE = "#4a5261"
GLASS = "#bfe2f0"
TYRE = "#2f2f35"
WOOD = "#a8743f"
DARK_WOOD = "#74491f"
LEAF = "#4f9d3c"
DARK_LEAF = "#2f6f38"
RED = "#d43a2f"
ORANGE = "#ee8a2a"
GOLD = "#f4c430"
PINK = "#f0a9b0"
BLUE = "#3578b8"
STONE = "#b9b2a6"
BRICK = "#b5563c"
