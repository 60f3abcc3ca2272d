"""A small project in a folder, driven stage by stage without DVC."""

from ruamel.yaml import YAML

import stages.category_graph
import stages.evaluate
import stages.ingest
import stages.text
import stages.train
import stages.vlp
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.section import NOTHING
from tests.presets import default_document


class Project:
    """Scenes of 32 pixels and a small vision-language model."""

    def __init__(self, folder, root):
        self.folder, self.document = folder, default_document()
        sizes = {"train": 40, "val": 4, "test": 24, "test_shift": 4, "size": 32}
        self.document["dataset"]["scenes"] |= sizes
        self.document["dataset"]["path"] = str(root / "data" / "raw" / "scenes")
        tiny = self.document["vlp"]["source"]
        tiny |= {"image_size": 32, "dims": 16, "text_width": 16, "text_heads": 2, "context": 24}
        tiny["recipe"] |= {"epochs": 3, "batch_size": 16}
        self.document["text"]["path"] = str(folder / "vlp")
        graph = self.document["category_graph"]  # WordNet takes seconds to read
        graph |= {"beside": ["similarity", "random", "llm"], "wordnet": "none"}
        answers = str(root / "data" / "answers" / "scenes.jsonl")
        graph["paths"] |= {"wordnet": "data/none", "answers": answers}
        self.document["evaluation"] |= {"draws": 100, "embedding": "pca"}

    @property
    def params(self):
        path = self.folder / "params.yaml"
        YAML(typ="safe").dump(self.document, path)
        return path

    @property
    def samples(self):
        return self.folder / "ingest" / "samples.parquet"

    @property
    def categories(self):
        return self.folder / "ingest" / "categories.parquet"

    @property
    def images(self):
        return self.folder / "ingest" / "images.safetensors"

    def ingest(self):
        stages.ingest.main(self.folder / "ingest", self.params)

    def vlp(self, out="vlp"):
        stages.vlp.main(
            self.samples, self.images, self.folder / "kept", self.folder / "texts",
            self.folder / out, self.params,
        )  # fmt: skip
        return self.folder / out

    def text(self):
        stages.text.main("tags", self.categories, self.folder / "text", self.params)
        return self.folder / "text"

    def graph(self, out="graph"):
        stages.category_graph.main(
            "tags", self.samples, self.categories, self.folder / "text", self.folder / "llm",
            self.folder / out, self.params,
        )  # fmt: skip
        return self.folder / out

    def train(self, method, out, graph="graph"):
        stages.train.main(
            method, method, "tags", self.samples, self.categories, self.images,
            str(self.folder / "text" / "embeddings.safetensors"), self.neighbours(method, graph),
            str(self.folder / "vlp"), self.folder / "kept", self.folder / out, self.params,
        )  # fmt: skip
        return self.folder / out

    def neighbours(self, method, graph):
        path = self.folder / graph / "neighbours.safetensors"
        return str(path) if METHODS[method].knowledge != NOTHING else NOTHING

    def evaluate(self, name, trained, out="evaluated"):
        stages.evaluate.main(
            name, "tags", self.samples, self.categories, trained / "scores.safetensors",
            self.folder / out, self.params,
        )  # fmt: skip
        return self.folder / out
