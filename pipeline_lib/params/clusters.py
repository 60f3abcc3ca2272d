"""Section ``clusters``: how training features are grouped into visual patterns."""

from typing import Literal

from pipeline_lib.params.clusterers import Algorithm
from pipeline_lib.params.section import Section


class Clusters(Section):
    """What clusters the features, and what they are turned into before."""

    normalise: Literal["none", "l2"]  # of every feature vector, before clustering
    algorithm: Algorithm
