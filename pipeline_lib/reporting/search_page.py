"""Pictures found by words, as one page that needs no other file."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline_lib.reporting.page import environment
from pipeline_lib.reporting.pictures import Encoded


@dataclass(frozen=True)
class FoundPicture:
    """A picture that was found."""

    name: str
    score: float  # cosine, -1..1
    small: Encoded
    link: str  # of the picture itself; "" where it is no file

    @property
    def source(self) -> str:
        """The small picture inside the page."""
        kind = {"jpg": "jpeg"}.get(self.small.kind, self.small.kind)
        return f"data:image/{kind};base64,{b64encode(self.small.content).decode()}"


@dataclass(frozen=True)
class FoundText:
    """A text and its pictures, best first."""

    text: str
    pictures: Sequence[FoundPicture]


def search_page(found: Sequence[FoundText], about: Sequence[tuple[str, str]]) -> str:
    """Return the page; ``about`` says what was searched with what, as pairs of term and value."""
    return environment().get_template("search.html").render(found=found, about=about)
