"""What source ``lit`` learned from what, in words."""

from typing import Any


def summary(metrics: dict[str, Any]) -> str:
    """Say in words what was learned from what."""
    of = metrics["train"]
    without = of["images"] - of["with_captions"]
    parts = [
        f"{of['used']} images with {of['captions']} captions, {without} without",
        f"a {metrics['start']} start"
        + (f" of {metrics['classes']} class names" if metrics["start"] == "ridge" else ""),
    ]
    if not metrics["classes"]:
        parts.append("the trunk's classes have no names")
    elif metrics["anchors"]:
        parts.append(f"{metrics['anchors']} class names as further pairs")
    if metrics["epochs"]:
        parts.append(f"epoch {metrics['kept_epoch'] + 1} of {metrics['epochs']} kept")
    if metrics["recall"] is None:
        parts.append("no captions of val to judge by")
    else:
        found = " / ".join(f"{100 * metrics['recall'][at]['value']:.1f}" for at in ("1", "5", "10"))
        parts.append(f"{found} % of val's captions find their image among 1 / 5 / 10")
    return "; ".join(parts)
