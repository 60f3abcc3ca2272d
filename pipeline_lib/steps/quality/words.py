"""What was found, in one line."""

from collections.abc import Mapping
from typing import Any

from pipeline_lib.targets import TARGETS


def summary(facts: Mapping[str, Any]) -> str:
    """Return the counts of metrics.json in words."""
    alike = facts["duplicates"]
    parts = [
        f"{facts[target]['judged']} images judged by {target}{_rare(facts[target])}"
        for target in TARGETS
        if target in facts
    ]
    parts.append(f"{alike['pairs']} near-duplicates, {alike['straddle']} across splits")
    if "contradictions" in facts:
        parts.append(f"{facts['contradictions']['images']} images contradict the category graph")
    return "; ".join(parts)


def _rare(facts: Mapping[str, int]) -> str:
    return f" ({facts['rare']} too rare to judge)" if facts["rare"] else ""
