"""A params.yaml that is small enough to be read in a test."""

from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TOY = """\
# Top.
methods:  # which
  # plain
  base:
    method: base  # no graph
    target: classes
    input: data/artifacts/ingest/images.safetensors
    text: data/none
    knowledge: data/none
    weights: data/none
    reference: ""
  # with relations
  csrms:
    method: csrms
    target: classes
    input: data/artifacts/ingest/images.safetensors
    text: data/none
    knowledge: data/artifacts/relations/classes/knowledge.safetensors
    weights: mine
    reference: ""

# Shared.
shared:
  vlp: []
  baseline: [classes]
  maps: []
  csnet: []
  regions: []
  exemplars: []
  features: [classes]
  clusters: [classes]
  relations: [classes]
  text: []
  category_graph: []
  quality: []

# Which weights.
features: {weights: data/artifacts/baseline/classes/weights.safetensors}
maps: {weights: data/artifacts/baseline/tags/weights.safetensors}

# Plain section.
base: {a: 1}  # one

csrms:
  b: "no"
# The end.
"""


CSRMS = TOY[TOY.index("  # with relations\n") : TOY.index("\n# Shared.")]  # as its run stands


def loaded(path):
    return YAML(typ="safe").load(path)
