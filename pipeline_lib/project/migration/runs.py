"""Runs: what they learn from is told apart by what it is, and texts stand beside it."""

from collections.abc import Mapping
from typing import Any

from pipeline_lib.project.migration.keys import Keys

ONE_FILE = "data/artifacts/category_graph/{}/knowledge.safetensors"  # that held text and graph


def migrate_entry(run: Keys, now: Mapping[str, Any]) -> None:
    """Let a run read what its method reads now, ``now``, where it read the file of both."""
    if run.values.get("knowledge") == ONE_FILE.format(run.values.get("target")):
        run.put("knowledge", now["knowledge"])
        run.notes.append(f"{run.where}.knowledge: is now {now['knowledge']}")
    if "text" not in run:
        run.put("text", now["text"], place=run.place_of("input") + 1)
        run.notes.append(f"{run.where}.text: is new, {now['text']}")
