"""What a method has to find in its knowledge artifact, whichever stage writes it."""

from collections.abc import Mapping

from torch import Tensor

from pipeline_lib.errors import InputError


def refuse_without(arrays: Mapping[str, Tensor], *names: str, stage: str) -> None:
    """Do nothing where the tensors ``names`` are there.

    Raises:
        InputError: some are not: the file is another stage's, or none.
    """
    missing = [name for name in names if name not in arrays]
    if missing:
        raise InputError(
            f"training: the run's `knowledge` has no {', '.join(missing)}, expected what the stage "
            f"{stage} writes; name its knowledge.safetensors, as `protoweave methods --enable "
            "NAME` does"
        )
