"""What ``evaluate`` chose on the val split for one run: where tags are decided for, a temperature.

Thresholds are logits, because the sigmoid of a large one is 1 in any precision: decide for a tag
where its logit is larger. Probabilities of classes are ``softmax(logits / temperature)``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from scipy.special import expit

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.json_file import canonical, read_json
from pipeline_lib.errors import InputError
from pipeline_lib.targets import Target

THRESHOLDS_FILE = "thresholds.json"  # below data/artifacts/evaluate/RUN
VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Choice(_Part):
    """Of one seed."""

    temperature: float = Field(default=1.0, gt=0)  # of classes; 1 of tags
    threshold: float | None = None  # of tags: one logit for all; None of classes
    by_label: tuple[float, ...] = ()  # of tags: a logit for each; `threshold` where few carry it
    # What it comes to on val itself, where it was chosen, so no estimate of anything: of classes
    # "nll" and "nll_as_trained" (nats per image), of tags "overall_f1" and "overall_f1_by_label".
    on_val: dict[str, float] = {}
    remark: str = ""  # why a number is not what it could be; "" says nothing

    def logits(self, *, by_label: bool) -> np.ndarray:
        """Return the thresholds of tags, (tags,), or the common one, ()."""
        return np.asarray(self.by_label if by_label else self.threshold, np.float64)

    def of_labels(self, labels: Sequence[int]) -> Self:
        """Return the same for some of the labels."""
        kept = tuple(self.by_label[label] for label in labels) if self.by_label else ()
        return self.model_copy(update={"by_label": kept})


class Thresholds(_Part):
    """Of every seed of a run. Where nothing could be chosen, ``refused`` says why."""

    version: Literal[1] = VERSION
    run: str
    target: Target
    rule: str  # how it was chosen, in words
    names: tuple[str, ...]  # of the classes or tags, in the order of the logits
    split: str  # whose images it was chosen on
    images: int = Field(ge=0)  # of them that were looked at
    positives: tuple[int, ...]  # how many of them carry each name
    least_positives: int = Field(ge=0)  # a tag that fewer carry has no threshold of its own
    refused: str = ""
    seeds: dict[int, Choice]

    @model_validator(mode="after")
    def _one_of_each_name(self) -> Self:
        for what, values in [("positives", self.positives)] + [
            (f"seeds.{seed}.by_label", c.by_label) for seed, c in self.seeds.items() if c.by_label
        ]:
            if len(values) != len(self.names):
                raise ValueError(f"{what} has {len(values)} entries for {len(self.names)} names")
        return self

    @property
    def own(self) -> tuple[bool, ...]:
        """Whether each tag has a threshold of its own, in the order of the names."""
        return tuple(count >= self.least_positives for count in self.positives)

    def of(self, seed: int) -> Choice:
        """Return what was chosen for a seed.

        Raises:
            InputError: nothing was, or the run has no such seed.
        """
        if self.refused:
            raise InputError(
                f"run '{self.run}': nothing was chosen on '{self.split}': {self.refused}; "
                "name a threshold yourself"
            )
        if seed not in self.seeds:
            known = ", ".join(map(str, self.seeds))
            raise InputError(
                f"run '{self.run}': no thresholds of seed {seed}, expected one of {known}; "
                "re-run `dvc repro evaluate`"
            )
        return self.seeds[seed]

    def probabilities(self, seed: int) -> dict[str, float]:
        """Return the probability above which each tag is decided for; of classes nothing.

        `pipeline_lib.api` takes it as ``threshold``. Of a logit above 36 it is 1 to the last bit,
        and nothing would be decided for: compare logits then.

        Raises:
            InputError: nothing was chosen, or the run has no such seed.
        """
        logits = self.of(seed).by_label
        return dict(zip(self.names, expit(np.array(logits)).tolist(), strict=False))


def write_thresholds(path: Path, thresholds: Thresholds) -> None:
    """Write what was chosen to ``path``."""
    write_bytes(path, canonical(thresholds.model_dump(mode="json")).encode())


def read_thresholds(path: Path) -> Thresholds:
    """Read ``data/artifacts/evaluate/RUN/thresholds.json``.

    Raises:
        InputError: the file is missing, damaged or of another version.
    """
    if not path.exists():
        raise InputError(f"{path}: missing; run `dvc repro evaluate` or `dvc pull`")
    content = read_json(path)
    try:
        return Thresholds.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(
            f"{path}: {place}: {first['msg']}, expected thresholds of version {VERSION}; "
            "re-run `dvc repro evaluate`"
        ) from error
