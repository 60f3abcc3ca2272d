"""What a run predicts: the classes of an image, or its tags."""

from typing import Literal, get_args

Target = Literal["classes", "tags"]

TARGETS: tuple[Target, ...] = get_args(Target)
