"""Whether a state fits a network."""

from collections.abc import Mapping

from torch import Tensor


def difference(
    own: Mapping[str, Tensor], found: Mapping[str, Tensor], *, optional: tuple[str, ...] = ()
) -> str:
    """Say where a state differs from a network's own in names and shapes; "" where it fits.

    Args:
        own: of the network.
        found: the state.
        optional: prefixes of names that it may lack.
    """
    missing = [name for name in own if name not in found and not name.startswith(optional)]
    foreign = [name for name in found if name not in own]
    unequal = [n for n, value in found.items() if n in own and value.shape != own[n].shape]
    kinds = {"lacks": missing, "has unknown": foreign, "has other shapes for": unequal}
    return "; ".join(f"{verb} {len(k)} ({k[0]}, …)" for verb, k in kinds.items() if k)
