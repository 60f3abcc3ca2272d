"""A small project in which everything that any method reads was made, stage by stage."""

from copy import copy
from pathlib import Path
from typing import Any, Self

import stages.csnet
import stages.exemplars
import stages.features
import stages.maps
import stages.regions
import stages.train
from pipeline_lib.methods.registry import METHODS, Method
from tests.classified import classify
from tests.methods.toy import merged
from tests.presets import PIXELS
from tests.stages.test_cost import Whole

SMALLER: dict[str, dict[str, Any]] = {  # where the default is larger than the pictures
    "base": {"backbone": {"image_size": 32}},
    "csrms": {"backbone": {"image_size": 32}, "n_neighbours": 3},
    "vscnet": {"width": 16},
    "c2srt": {"ist": {"heads": 2, "hidden": 4}},
    "sigrl": {"correlation": {"heads": 2, "hidden": 4}},
}


class Everything(Whole):
    """All that any method reads."""

    def __init__(self, folder, root):
        super().__init__(folder, root)
        self.document["csnet"] |= {"steps": 3, "min_grid": 4}
        self.document["csnet"]["recipe"]["epochs"] = 1
        self.document["regions"]["random_draws"] = 1
        for name in METHODS:
            small = self.document[name] | {"seeds": [0]}
            if "recipe" in small:
                recipe = {"epochs": 1, "batch_size": 16}
                if small["recipe"]["schedule"]["name"] == "cosine":
                    recipe["warmup_epochs"] = 0
                small = merged(small, {"recipe": recipe})
            self.document[name] = merged(small, SMALLER.get(name, {}))

    def prepare(self):
        self.ingest()
        self.baseline("classes")
        self.baseline("tags")
        self.encode(stages.features)
        self.encode(stages.maps)
        self.relate()
        self.locate()
        classify(self.vlp())
        self.text()
        self.graph()

    def locate(self, end=""):
        tables = {"samples": self.samples, "categories": self.categories, "params": self.params}
        maps, kept = self.folder / "maps", self.folder / "kept"
        csnet, regions = self.folder / f"csnet{end}", self.folder / f"regions{end}"
        stages.csnet.main("classes", maps=maps, checkpoints=kept, out=csnet, **tables)
        stages.regions.main(
            "classes", images=self.images, parts=self.folder / "parts", maps=maps, csnet=csnet,
            out=regions, **tables,
        )  # fmt: skip
        stages.exemplars.main(
            regions=regions, parts=self.folder / "parts", out=self.folder / f"exemplars{end}",
            **tables,
        )  # fmt: skip

    def locate_in_pixels(self):
        """Cut regions and a lattice of them out of the pictures, beside those of maps."""
        changes = {"regions": {"source": PIXELS, "lattice": True}, "csnet": {"folds": 2}}
        document, self.document = self.document, merged(self.document, changes)
        try:
            self.locate("-pixels")
        finally:
            self.document = document

    def here(self) -> Self:
        """The same project in the current folder, so that what it names is relative."""
        found = copy(self)
        found.folder = Path()
        return found

    def trained(self, method: Method, out: str = "", target: str = "", changes=None, **paths):
        """Train it on what its entry says that it reads, or on what is named otherwise."""
        own = {key: getattr(method, key) for key in ("input", "text", "knowledge", "weights")}
        reads = {key: str(self._local(path)) for key, path in own.items()} | paths
        folder = self.folder / (out or f"trained-{method.name}")
        document, self.document = self.document, merged(self.document, {method.name: changes or {}})
        try:
            stages.train.main(
                method.name, method.name, target or method.targets[0], self.samples,
                self.categories, Path(reads["input"]), reads["text"], reads["knowledge"],
                reads["weights"], self.folder / "kept", folder, self.params,
            )  # fmt: skip
        finally:
            self.document = document
        return folder

    def _local(self, path):
        if path == "data/none":
            return path
        _, _, stage, *rest = path.split("/")
        files = [part for part in rest if "." in part]
        return self.folder.joinpath({"category_graph": "graph"}.get(stage, stage), *files)
