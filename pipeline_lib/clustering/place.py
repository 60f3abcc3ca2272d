"""What a stage, rather than the parameters, says of a clustering."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where samples are clustered, and whether they are all there is."""

    device: str | None = None  # "cuda", or None for this processor; changes no result but k-means'
    jobs: int | None = None  # threads, None for as many as there are; changes no result
    part: bool = False  # X is one of many parts of what was scaled to 0…1 as a whole; some are tiny
