"""What ``train`` and ``baseline`` write: weights, and scores of every evaluation split."""

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.tensors import Tensors

SCORED = "images of {split}"  # in the order of the sample table
# Header: run, method, settings, backbone (steps/train/backbone.py), seeds, splits, leaks, and for
# each seed facts, liveness (training/liveness.py), encoded (steps/train/cost.py) and
# images_encoded, its sum.
SCORES = Tensors(
    "scores",
    stage="train",
    file="{item}/scores.safetensors",
    arrays=(
        Array("{seed}/extra/{name}", "", (MORE,), "what the method explains the first seed with"),
        Array("{seed}/{split}/logits", "float32", (SCORED, "categories"), "scores"),
        Array(
            "{seed}/{split}/zsl",
            "float32",
            (SCORED, "unseen"),
            "of unseen categories alone, of methods that are told them by name",
        ),
        Array("{seed}/{split}/features", "float16", (SCORED, "dims"), "of the first seed"),
    ),
)
# Header: run, method, seeds, settings (seeds apart), target, names (of its classes or tags, in the
# order of the logits), unseen (those that no training image may carry), model, backbone
# (steps/train/backbone.py), preprocess (encoders/preprocess.py), problem (training/network.py),
# reads (where the samples and its input were), prompts (around the names, where a vision-language
# model gave their vectors), and by digests what the weights are worth nothing without: "start", or
# "probe" and "made" (steps/train/output.py). steps/train/restore.py reads it.
KNOWLEDGE = "knowledge"
WEIGHTS = Tensors(
    "weights",
    stage="train",
    file="{item}/weights.safetensors",
    arrays=(
        Array(f"{KNOWLEDGE}/{{name}}", "", (MORE,), "what the network was built from"),
        Array(
            "{seed}/{name}",
            "",
            (MORE,),
            "the network; without what a vision-language model lends it",
        ),
    ),
    version=3,  # all that scoring any picture needs
)
# Header: model, encoded (artifacts/encoded.py), preprocess, target, names, and model_args where
# timm.create_model needs some for these weights.
BACKBONE = Tensors(
    "backbone",
    stage="baseline",
    file="{item}/weights.safetensors",
    arrays=(
        Array(
            "{parameter}",
            "",
            (MORE,),
            "under timm's names, classifier included",
        ),
    ),
)
