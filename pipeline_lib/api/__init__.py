"""Trained runs in Python: ``load("dlsa")`` is the network that was scored, and scores other images.

Nothing is needed of params.yaml: the file of weights says all of itself.
"""

from pipeline_lib.api.exported import Exported, load_exported
from pipeline_lib.api.predictions import Predictions
from pipeline_lib.api.project import Clusters, Project, Quality, load, open_project
from pipeline_lib.api.recogniser import Recogniser
from pipeline_lib.api.runs import Run, Runs
from pipeline_lib.api.scorer import Scorer
from pipeline_lib.api.towers import TowerPair, load_towers

__all__ = [
    "Clusters",
    "Exported",
    "Predictions",
    "Project",
    "Quality",
    "Recogniser",
    "Run",
    "Runs",
    "Scorer",
    "TowerPair",
    "load",
    "load_exported",
    "load_towers",
    "open_project",
]
