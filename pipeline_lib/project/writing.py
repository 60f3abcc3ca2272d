"""Put a params.yaml into a checkout: the one before is kept, the place of the data is noted."""

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from pipeline_lib.datasets.location import NOTES, note
from pipeline_lib.project import presets
from pipeline_lib.project.checkout import refuse_while_running

KEPT = Path(".protoweave")


def put(text: str, root: Path, *, elsewhere: Path | None, noted: bool) -> Iterator[str]:
    """Write params.yaml and yield what to say of it.

    Args:
        text: a sound params.yaml.
        root: the checkout.
        elsewhere: where ``dataset.path`` lies on this machine if it is not at that path.
        noted: whether that is to be noted or, with None, forgotten.

    Raises:
        InputError: DVC is at work here.
    """
    refuse_while_running(root)
    kept = presets.replace_params(root / "params.yaml", text, root / KEPT)
    if noted:
        path = YAML(typ="safe").load(text)["dataset"]["path"]
        note(path, elsewhere, root)
        if elsewhere:
            yield f"{path} lies in {elsewhere} on this machine: noted in {NOTES}, which git ignores"
    if kept:
        yield f"the params.yaml that was here is now {kept}"
    yield from presets.remarks(text, root)
