"""Weights of a backbone that lie on this machine already, and how to get them otherwise."""

from pathlib import Path

from pipeline_lib.errors import InputError

MODEL = "mobilenetv2_100"  # what preset image-folder takes
FILES = ("model.safetensors", "pytorch_model.bin")  # as timm's repositories hold them


def cached(model: str) -> Path | None:
    """Return the file of timm's published weights of a model in the Hugging Face cache, if any.

    Raises:
        InputError: timm does not know the model.
    """
    from huggingface_hub import try_to_load_from_cache

    repository = hub_of(model)
    names = FILES if repository else ()
    found = (try_to_load_from_cache(repository, name) for name in names)
    return next((Path(path) for path in found if isinstance(path, str)), None)


def hub_of(model: str) -> str:
    """Return the repository on the Hugging Face Hub that holds timm's weights of a model, or "".

    Raises:
        InputError: timm does not know the model.
    """
    import timm

    from pipeline_lib.encoders.vision import check_names
    from pipeline_lib.settings.backbone import Backbone

    check_names(Backbone(model=model, pretrained=False, image_size=0), None)
    hub: str | None = timm.get_pretrained_cfg(model).hf_hub_id
    return hub or ""


def checked(weights: Path, model: str) -> Path:
    """Return a checkpoint that fits a model; seconds before a stage would say that it does not.

    Raises:
        InputError: there is no such file, it is none of that model, or the model is unknown.
    """
    from pipeline_lib.encoders.vision import build
    from pipeline_lib.settings.backbone import Backbone

    build(Backbone(model=model, pretrained=False, image_size=0), weights, num_classes=0, seed=0)
    return weights


def how_to_get(model: str, data: str) -> tuple[str, ...]:
    """Return lines that say how the weights of a model come here."""
    hub = hub_of(model)
    if not hub:
        raise InputError(
            f"timm publishes no weights of '{model}'; name a checkpoint by --weights FILE, or "
            f"another model by --backbone, e.g. {MODEL}"
        )
    kept = f"data/raw/{model}.safetensors"
    return (
        f"with a network: protoweave start {data} --online",
        f"without one: on a machine that has it, `hf download {hub} {FILES[0]}` prints where the "
        f"file is; copy it to {kept} here, then: protoweave start {data} --weights {kept}",
    )
