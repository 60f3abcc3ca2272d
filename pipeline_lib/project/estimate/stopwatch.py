"""How long a stage took in this process, what of it were epochs, and how much memory it wanted."""

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")  # of Linux: proc(5)
RESET_PEAK = "5"


@dataclass
class Stopwatch:
    """A tracker that notes seconds; what it is handed it yields unchanged.

    ``clock`` is the time of the processor where that computes, since other programs on a busy
    machine do not count then.
    """

    clock: "type[Clock]"
    loops: float = 0.0  # seconds inside loops that train nothing
    epochs: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def __call__(self, items: Iterable[T], *, label: str, total: int) -> Iterator[T]:
        """Yield every item."""
        last = self.clock.now()
        for item in items:
            yield item
            now = self.clock.now()
            self._note(label, item, now - last)
            last = now

    def _note(self, label: str, item: object, seconds: float) -> None:
        if isinstance(item, tuple) and len(item) == 3:  # (epoch, step, positions) of training
            epochs = self.epochs[label]
            epochs[item[0]] = epochs.get(item[0], 0.0) + seconds
        else:
            self.loops += seconds

    @property
    def epoch(self) -> float:
        """Seconds of the last epoch of every training; 0 where nothing was trained."""
        return sum(seconds[max(seconds)] for seconds in self.epochs.values())


class Clock:
    """Seconds of the processor, of all threads of this process."""

    @staticmethod
    def now() -> float:
        """Return the time."""
        return time.process_time()


class Wall(Clock):
    """Seconds of a clock on the wall: where a GPU computes the processor waits."""

    @staticmethod
    def now() -> float:
        """Return the time."""
        return time.perf_counter()


def reset_peak() -> None:
    """Let the peak of memory start anew, where the system can."""
    if CLEAR.exists():
        CLEAR.write_text(RESET_PEAK)


def peak() -> int:
    """Return the bytes of memory that this process had at most, since the reset on Linux."""
    if STATUS.exists():
        return _status("VmHWM")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def resident() -> int:
    """Return the bytes of memory that this process has; where no system says, what it had."""
    return _status("VmRSS") if STATUS.exists() else peak()


def _status(name: str) -> int:
    line = next(s for s in STATUS.read_text().splitlines() if s.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
