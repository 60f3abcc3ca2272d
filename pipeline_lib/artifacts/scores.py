"""What ``train`` and ``baseline`` write: weights, and scores of every evaluation split."""

from pipeline_lib.artifacts.tensors import Tensors

# "<seed>/<split>/logits" (images, classes) float32 in the order of the sample table;
# "<seed>/<split>/zsl" (images, unseen labels) float32 of methods that are told labels by name; and
# "<seed>/<split>/features" (images, dimensions) float16 of the first seed; "<seed>/extra/…" what
# the method explains its results with.
# Header: run, method, settings, backbone (steps/train/backbone.py), seeds, splits, leaks, and for
# each seed facts, encoded (steps/train/encoded.py) and images_encoded, its sum.
SCORES = Tensors("scores", stage="train")
# "<seed>/<name of the parameter>". Header: run, method, seeds, and what it takes to use them:
# model, backbone (steps/train/backbone.py), preprocess (encoders/preprocess.py), target, and the
# names of its classes or tags in the order of the logits.
WEIGHTS = Tensors("weights", stage="train")
# Parameters under timm's names, classifier included: any timm user can load the file.
# Header: model, encoded (artifacts/encoded.py), preprocess, target, names, and model_args where
# timm.create_model needs some for these weights.
BACKBONE = Tensors("backbone", stage="baseline")
