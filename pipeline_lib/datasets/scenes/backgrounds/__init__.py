"""What is behind the objects: one function per background, grouped by theme."""

from pipeline_lib.datasets.scenes.backgrounds import indoors, open_air, town, waterside

BACKGROUNDS = waterside.BACKGROUNDS | open_air.BACKGROUNDS | town.BACKGROUNDS | indoors.BACKGROUNDS
