"""How many cores this process may use, on any system."""

import os


def cores() -> int:
    """Return the number of cores that a scheduler or container leaves, where the system tells."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
