"""Whose weights a network starts from, and under which licence they were published."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import timm

from pipeline_lib.settings.markers import NONE

UNKNOWN = "unknown"
NOTHING, OWN = "data/none", "data/artifacts/baseline/"


@dataclass(frozen=True)
class Licence:
    """Of the weights that a network starts from."""

    name: str  # as Hugging Face's hub names it, or "unknown"
    remark: str  # a sentence or two


def licence_of(header: Mapping[str, Any], document: Mapping[str, Any]) -> Licence:
    """Say what can be known of it.

    Args:
        header: of the run's weights.
        document: params.yaml, which says where weights came from.
    """
    model = header["backbone"]["model"]
    if "start" in header:
        return _of_towers(model, document.get("vlp", {}))
    if header["backbone"]["input"] == "images":
        entry = document.get("methods", {}).get(header["run"], {})
        return _of_backbone(model, header["settings"].get("backbone", {}), entry.get("weights"))
    return _of_maps(model, document)


def _of_maps(model: str, document: Mapping[str, Any]) -> Licence:
    section = document.get("maps", {})
    weights = section.get("weights")
    if section.get("backbone") == NONE:
        return _of_towers(model, document.get("vlp", {}))
    if isinstance(weights, str) and weights.startswith(OWN):
        target = weights.removeprefix(OWN).partition("/")[0]
        weights = document.get("baseline", {}).get("weights")
        section = document.get("baseline", {}).get(target, {})
    return _of_backbone(model, section.get("backbone", {}), weights)


def _of_towers(model: str, section: Mapping[str, Any]) -> Licence:
    source = section.get("source", {})
    if source.get("name") == "captions":
        return _trained_here("the vision-language model")
    if source.get("name") == "lit":
        return _of_both(model, section)
    named = " ".join(str(source[key]) for key in ("model", "pretrained") if key in source)
    return Licence(
        UNKNOWN,
        f"It starts from the vision-language model {named or 'of `vlp.source`'}, whose licence is "
        "unknown here: check before you publish.",
    )


def _of_both(model: str, section: Mapping[str, Any]) -> Licence:
    """Say whose towers a model of source lit is of; what was learned between them is its own."""
    published = section.get("checkpoint") == NOTHING
    trunk = _of_backbone(model, {"pretrained": published}, section.get("checkpoint"))
    sentences = PurePosixPath(str(section.get("sentences"))).name
    return Licence(
        UNKNOWN,
        f"{trunk.remark} Its texts are read by the sentence encoder {sentences}, whose licence is "
        "unknown here, and the captions that join both may have terms of their own: check all.",
    )


def _of_backbone(model: str, backbone: Mapping[str, Any], weights: str | None) -> Licence:
    if backbone.get("pretrained"):
        return _published(model)
    if weights == NOTHING:
        return _trained_here(model)
    known = _timms(model)
    hint = f" timm publishes its own weights of that name under {known}." if known else ""
    return Licence(
        UNKNOWN,
        f"The backbone {model} starts from a file of weights, whose licence is unknown here: check "
        f"before you publish.{hint}",
    )


def _published(model: str) -> Licence:
    known = _timms(model)
    if known is None:
        return Licence(
            UNKNOWN,
            f"The backbone {model} starts from weights that timm publishes without naming a "
            "licence: unknown, check before you publish.",
        )
    return Licence(
        known, f"The backbone {model} starts from weights that timm publishes under {known}."
    )


def _trained_here(what: str) -> Licence:
    return Licence(
        UNKNOWN,
        f"Nobody else's weights are in it: {what} was trained from random ones. Choose a licence, "
        "with a look at that of the pictures.",
    )


def _timms(model: str) -> str | None:
    config = timm.get_pretrained_cfg(model, allow_unregistered=True)
    found: str | None = getattr(config, "license", None)
    return found
