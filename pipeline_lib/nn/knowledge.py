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
            f"training: what the method learns from has no {', '.join(missing)}, expected what "
            f"the stage {stage} writes; pass the tensors of that artifact"
        )
