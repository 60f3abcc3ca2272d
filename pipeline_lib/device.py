"""Which device computes: CUDA where there is one, unless the environment says otherwise."""

import os

import torch

from pipeline_lib.errors import InputError

DEVICE = "PROTOWEAVE_DEVICE"


def pick_device() -> str:
    """Return "cuda" or "cpu"; ``PROTOWEAVE_DEVICE`` overrides the choice.

    Raises:
        InputError: the variable names another device, or CUDA where there is none.
    """
    found = "cuda" if torch.cuda.is_available() else "cpu"
    wanted = os.environ.get(DEVICE) or found
    if wanted not in ("cpu", "cuda") or (wanted == "cuda" and found == "cpu"):
        raise InputError(f"{DEVICE}={wanted!r}: expected 'cpu', or 'cuda' where it is available")
    return wanted


def accelerator() -> str | None:
    """Return "cuda" where ``pick_device`` does, else None: for code with a form of its own for it.

    Raises:
        InputError: as ``pick_device``.
    """
    device = pick_device()
    return None if device == "cpu" else device
