"""Section ``clusters``: how training features are grouped into visual patterns."""

from typing import Literal

from pipeline_lib.params.clusterers import Algorithm
from pipeline_lib.params.section import Section


class Clusters(Section):
    """What is clustered, by what, and what it is turned into before."""

    # posteriors: the probabilities that the classifier in `features.weights` gives the classes. Of
    # training images they are those of a network that has seen them and their labels
    space: Literal["features", "posteriors"]
    normalise: Literal["none", "l2"]  # of every vector, before clustering
    algorithm: Algorithm
