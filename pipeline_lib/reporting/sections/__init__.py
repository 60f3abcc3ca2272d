"""What each section of the page shows, as plain values; templates/ says how it looks."""

from pkgutil import iter_modules


def modules() -> list[str]:
    """Return the dotted names of the modules here, sorted."""
    return sorted(f"{__name__}.{found.name}" for found in iter_modules(__path__))
