"""Trained runs in Python: ``load("dlsa")`` is the network that was scored, and scores other images.

Nothing is needed of params.yaml: the file of weights says all of itself.
"""

from pipeline_lib.api.project import Project, load, open_project
from pipeline_lib.api.recogniser import Recogniser

__all__ = ["Project", "Recogniser", "load", "open_project"]
