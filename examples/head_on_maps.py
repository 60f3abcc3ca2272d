"""Train a head of your own on feature maps of your own, with the loop that all methods use."""

import torch
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import HeadNetwork, fit_head
from pipeline_lib.families.dense_head.settings import HeadSettings
from pipeline_lib.progress import silent
from pipeline_lib.settings.recipe import AdamW, ImageRecipe
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import built
from pipeline_lib.training.trunk import Trunk


class PeakHead(nn.Module):
    """A tag's logit is where its filter answers most, anywhere in the map."""

    def __init__(self, dims: int, tags: int) -> None:
        super().__init__()
        self.filters = nn.Conv2d(dims, tags, 1)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (images, tags), and the features (images, dims) that are kept."""
        return self.filters(maps).amax((2, 3)), maps.mean((2, 3))


# Maps (images, dims, height, width) of any network; here each tag is a direction at one place.
torch.manual_seed(0)
carried = torch.rand(300, 5) < 0.3
maps = 0.5 * torch.randn(300, 16, 4, 4)
for image, tag in carried.nonzero().tolist():
    maps[image, tag, torch.randint(4, ()), torch.randint(4, ())] += 3


def fetch(rows):
    """Return the maps of some images."""
    return maps[list(rows)]


train, test = Pictures(range(200), fetch), Pictures(range(200, 300), fetch)
data = Data(train, carried[:200].float(), {"test": test})
recipe = ImageRecipe(epochs=12, batch_size=32, optimizer=AdamW(lr=0.05))
settings = HeadSettings(recipe=recipe, trunk="frozen")


def build(problem, knowledge, encoder, settings):
    """Put the head on what gives the maps: what a method's package offers."""
    trunk = Trunk(encoder, problem.example, trained=settings.trunk)
    return HeadNetwork(trunk, PeakHead(trunk.dims, problem.classes))


network = built(build, data, {}, nn.Identity(), settings)
fitted = fit_head(network, data, settings, seed=0, run=Run("cpu", silent, "head"))

right = (fitted.logits["test"] > 0) == carried[200:]
print(f"loss {fitted.history[0]['loss']:.2f} to {fitted.history[-1]['loss']:.2f}")
print(f"right: {right.float().mean():.1%} of the pairs of image and tag")
