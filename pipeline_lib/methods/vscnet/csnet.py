"""CSNet: find regions one after another and name what is in them (Sec. "FVA", Eqs. 1-2).

paper     here              shape
F_v       maps              (batch, dims, height, width), of a frozen backbone
J         steps
theta_j   theta[:, j]       (batch, 2, 3), the affine box in -1…1
H_j       states[:, j]      (batch, dims)
r_j       pooled[:, j]      (batch, dims), what the box shows
t_j       tags[:, j]        (batch, tags), logits
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.nn.shapes import Float

HIDDEN = 128  # of the network that places a box
SCALE = 0.5  # of the first boxes


@dataclass(frozen=True)
class Found:
    """What CSNet finds in a batch of images."""

    theta: Float[Tensor, "batch steps 2 3"]
    pooled: Float[Tensor, "batch steps dims"]
    states: Float[Tensor, "batch steps dims"]
    tags: Float[Tensor, "batch steps tags"]  # logits
    classes: Float[Tensor, "batch classes"]  # logits, from the mean of what the boxes show


class CSNet(nn.Module):
    """Place boxes on a feature map; each step knows what the earlier ones saw.

    Maps are standardised per channel, as backbones scale them differently.

    Deviation: the paper reads the image through a box; here the box is cut out of the feature map,
    so that a frozen backbone runs once per image.

    Deviation: a step sees the mean of the map in the paper, which says nothing of places.
    ``look: centroids`` adds where each channel is active. And the paper names a region from H_j,
    which remembers the regions before; ``tags_from: region`` names it from what the box shows, so
    that a tag is evidence of its own box. ``look: mean`` and ``tags_from: state`` are the text.
    """

    def __init__(self, settings: CsnetSettings, *, dims: int, tags: int, classes: int) -> None:
        super().__init__()
        self.settings = settings
        self.standardise = nn.BatchNorm2d(dims, affine=False)
        last = nn.Linear(HIDDEN, 6)
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            last.bias.copy_(torch.tensor([SCALE, 0.0, 0.0, 0.0, SCALE, 0.0]))
        seen = dims if settings.look == "mean" else 3 * dims
        self.place = nn.Sequential(nn.Linear(seen + dims, HIDDEN), nn.LeakyReLU(), last)
        self.start = nn.Parameter(torch.zeros(dims))  # H_0
        self.update = nn.GRUCell(dims, dims)
        self.dropout = nn.Dropout(settings.dropout)
        self.tags = nn.Linear(dims, tags)
        self.classes = nn.Linear(dims, classes) if classes else None

    def forward(
        self,
        maps: Float[Tensor, "batch dims height width"],
        boxes: Float[Tensor, "*batch steps 2 3"] | None = None,
    ) -> Found:
        """Eqs. 1-2: theta_j = MLP([GAP(F), H_{j-1}]), H_j = GRU(GAP(F inside theta_j), H_{j-1}).

        With ``boxes`` those are looked at, of each image or the same in all, and named as its own
        would be.
        """
        maps = self.standardise(maps)
        whole = maps.mean((2, 3))
        seen = whole if self.settings.look == "mean" else torch.cat([whole, centroids(maps)], 1)
        state = self.start.expand_as(whole)
        thetas, pooled, states = [], [], []
        for step in range(self.settings.steps):
            own = self.place(torch.cat([seen, state], 1)).view(-1, 2, 3)
            theta = own if boxes is None else boxes[..., step, :, :].expand_as(own)
            region = inside(maps, theta, self.settings.cells).mean((2, 3))
            state = self.update(region, state)
            thetas.append(theta)
            pooled.append(region)
            states.append(state)
        regions, memories = torch.stack(pooled, 1), torch.stack(states, 1)
        named = regions if self.settings.tags_from == "region" else memories
        return Found(
            theta=torch.stack(thetas, 1),
            pooled=regions,
            states=memories,
            tags=self.tags(self.dropout(named)),
            classes=self._classes(regions),
        )

    def _classes(
        self, regions: Float[Tensor, "batch steps dims"]
    ) -> Float[Tensor, "batch classes"]:
        """Classify the image by its regions, so that Eq. 3's class term places boxes too."""
        if self.classes is None:
            return regions.new_zeros(len(regions), 0)
        logits: Tensor = self.classes(self.dropout(regions.mean(1)))
        return logits


def inside(
    maps: Float[Tensor, "batch dims height width"], theta: Float[Tensor, "batch 2 3"], cells: int
) -> Float[Tensor, "batch dims {cells} {cells}"]:
    """Eq. 2: what an affine box shows, sampled at cells × cells points; outside is 0."""
    size = [len(maps), maps.shape[1], cells, cells]
    grid = F.affine_grid(theta, size, align_corners=False)
    return F.grid_sample(maps, grid.to(maps.dtype), align_corners=False)


def centroids(
    maps: Float[Tensor, "batch dims height width"],
) -> Float[Tensor, "batch twice_dims"]:
    """Return the mean x and the mean y of each channel, in -1…1, cells weighted by softmax.

    The spatial softmax of Finn et al., "Deep spatial autoencoders" (ICRA 2016), Eq. 2.
    """
    height, width = maps.shape[2:]
    weight = maps.flatten(2).softmax(2).view_as(maps)
    x = (weight.sum(2) * _centres(width, maps)).sum(2)
    y = (weight.sum(3) * _centres(height, maps)).sum(2)
    return torch.cat([x, y], 1)


def _centres(cells: int, like: Tensor) -> Tensor:
    """Return where the cells of one axis have their centres, in -1…1."""
    return (torch.arange(cells, device=like.device, dtype=like.dtype) + 0.5) * 2 / cells - 1
