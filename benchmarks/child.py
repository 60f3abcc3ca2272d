"""What a process of its own takes."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence


def taken(command: Sequence[str], seconds: float | None = None) -> dict[str, float]:
    """Run a command, or kill it with its workers after some seconds; return what it took.

    Returns:
        Wall and processor time, and the peak of the largest process that was waited for so far.

    Raises:
        SystemExit: it failed.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        if done.wait(seconds):
            raise SystemExit("the command failed; its message stands above")
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signal.SIGKILL)
        done.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(spent, 2),
        "peak_gib": round(used.ru_maxrss / 2**20, 2),
    }
