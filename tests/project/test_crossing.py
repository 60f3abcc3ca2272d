"""What one section says makes a setting of another one idle."""

import re
from typing import Any

import pytest

from pipeline_lib.project.crossing import crossing_faults
from tests.params.contexts import with_value
from tests.presets import default_document


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    document = default_document()
    for key, value in changes.items():
        document = with_value(document, key, value)
    return document


CASES: list[tuple[dict[str, Any], str]] = [
    ({"c2srt.ist.neighbours": 17},
     "c2srt.ist.neighbours is 17, and category_graph.neighbours is 16"),
    ({"category_graph.similarity.most": 9},
     "c2srt.ist.neighbours is 16, and category_graph.similarity.most is 9"),
    ({"c2srt.ist.relation": "file"}, "c2srt.ist.relation is file, which is not mined"),
    ({"dlsa.prior.exclusion": True}, "dlsa.prior.exclusion is true, and category_graph.exclusion"),
    ({"quality.vectors": "data/none", "shared.quality": ["images"]},
     "quality.vectors is data/none, and also asks for quality; set it to data/artifacts/maps/tags"),
    ({"quality.vectors": "data/artifacts/text/tags"},
     "quality.vectors is data/artifacts/text/tags, which quality cannot read; set it to .*maps"),
    ({"vlp.vectors": "data/artifacts/text/tags"},
     "vlp.vectors is data/artifacts/text/tags, which vlp cannot read; set it to .*features/classe"),
    ({"quality.graph": "data/artifacts/category_graph/tags/edges.parquet"},
     "quality.graph is .*, and category_graph.exclusion none, so that nothing contradicts it"),
    ({"shared.csnet": ["tags"], "csnet.weights.classes": 1.0}, "csnet.weights.classes is 1.0, and"),
    ({"csnet.folds": 2, "regions.descriptor": "state"},
     "csnet.folds is 2, and regions.descriptor is state, which each of its networks has of"),
    ({"methods.base.knowledge": "data/artifacts/relations/classes/knowledge.safetensors"},
     "methods.base.knowledge is data/artifacts/relations.*method base does not read"),
    ({"methods.clip.knowledge": "data/artifacts/category_graph/tags/graph.safetensors"},
     "methods.clip.knowledge is data/artifacts/cat.*method clip does not read; set it to data/no"),
    ({"methods.clip.text": "data/none"},
     "methods.clip.text is data/none, and method clip reads data/artifacts/text/tags/embeddings"),
    ({"methods.csrms.text": "data/artifacts/text/classes/embeddings.safetensors"},
     "methods.csrms.text is .*, which method csrms does not read; set it to data/none"),
    ({"methods.dlsa.knowledge": "data/artifacts/relations/classes/knowledge.safetensors"},
     "methods.dlsa.knowledge is data/artifacts/rel.* method dlsa reads .*/category_graph/tags/"),
    ({"methods.csrms.knowledge": "data/none"},
     "methods.csrms.knowledge is data/none, and method csrms reads data/artifacts/relations/"),
    ({"methods.c2srt.knowledge": "data/artifacts/category_graph/classes/neighbours.safetensors"},
     "methods.c2srt.knowledge is .*classes.*, and method c2srt reads .*/category_graph/tags/neigh"),
    ({"methods.base.input": "data/artifacts/features/classes"},
     "methods.base.input is .*features/classes, which method base cannot read; set it to .*images"),
    ({"methods.c2srt.input": "data/artifacts/maps/tags"},
     "c2srt.student.trained_blocks is 2, and c2srt reads maps, behind which one block is left"),
    ({"methods.c2srt.input": "data/artifacts/maps/tags", "c2srt.student":
      {"trained_blocks": 1, "layer_decay": 0.65, "checkpointing": True}},
     "c2srt.student.checkpointing is true, and c2srt reads maps, before which nothing is left"),
    ({"methods.c2srt.input": "data/artifacts/maps/tags", "c2srt.student":
      {"trained_blocks": 1, "layer_decay": 0.5, "checkpointing": False}},
     "c2srt.student.layer_decay is 0.5, and c2srt reads maps, behind which no block is left"),
    ({"methods.c2srt.input": "data/artifacts/exemplars/classes"},
     "methods.c2srt.input is .*exemplars/classes, which method c2srt cannot read; set it to"),
    ({"methods.c2srt.input": "data/artifacts/maps/tags", "c2srt.student.trained_blocks": 1,
      "c2srt.recipe.augment": "flip"}, "c2srt.recipe.augment is flip, .* pools"),
    ({"methods.vscnet.input": "data/artifacts/ingest/images.safetensors"},
     "methods.vscnet.input is .*, which method vscnet cannot read; set it to .*exemplars/classes"),
    ({"methods.sigrl.weights": "data/none"},
     "methods.sigrl.weights is data/none, and method sigrl starts from data/artifacts/vlp/towers"),
    ({"methods.base.weights": "data/artifacts/vlp/towers"},
     "methods.base.weights is data/artifacts/vlp/towers, from which method base cannot start"),
    ({"methods.dlsa.weights": "data/raw/weights.safetensors"},
     "methods.dlsa.weights is data/raw.* was encoded before"),
    ({"dlsa.trunk": "all", "dlsa.standardise": False}, "dlsa.trunk is all, and dlsa reads maps"),
    ({"base_tags.backbone": {"model": "lenet5", "pretrained": False, "image_size": 64}},
     "base_tags.backbone is lenet5, and base_tags reads maps, which the backbone of section maps"),
    ({"base.backbone": "none"}, "base.backbone is none, and base reads images; set it to a model"),
    ({"base_maps.recipe.augment": "flip"}, "base_maps.recipe.augment is flip, and base_maps reads"),
    ({"maps.weights": "data/artifacts/vlp/towers"},
     "maps.weights is data/artifacts/vlp/towers, .* set maps.backbone to none"),
    ({"maps.weights": "data/artifacts/vlp/towers", "maps.backbone": "none",
      "vlp.vectors": "data/artifacts/maps/tags"}, "so that each is made of the other; set vlp.ve"),
    ({"base_maps.auxiliary_tags": 1.0}, "base_maps.auxiliary_tags is 1.0, and base_maps reads"),
    ({"methods.base.target": "tags", "base.auxiliary_tags": 1.0},
     "base.auxiliary_tags is 1.0, and base predicts tags, so that there is nothing beside them"),
    ({"methods.dlsa.method": "ml_gcn"}, "dlsa.recipe.augment is flip, .* pools"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES, ids=[next(iter(c)) for c, _ in CASES])
def test_a_setting_that_another_section_leaves_idle_is_named(tmp_path, changes, expected):
    found = crossing_faults(changed(changes), tmp_path / "params.yaml")
    assert all(fault.startswith(f"{tmp_path}/params.yaml: ") for fault in found)
    assert re.search(expected, found[0]), found


def test_the_default_and_what_counts_are_accepted(tmp_path):
    fine = {"dlsa.prior.exclusion": True, "category_graph.exclusion": {"expected": 5.0}}
    assert crossing_faults(changed({}), tmp_path) == []
    assert crossing_faults(changed(fine), tmp_path) == []
    own = {"methods.dlsa.knowledge": "data/raw/mine.safetensors"}
    assert crossing_faults(changed(own), tmp_path) == []
    spelt = {"methods.csrms.knowledge": "./data/artifacts/relations/classes/knowledge.safetensors"}
    assert crossing_faults(changed(spelt), tmp_path) == []
