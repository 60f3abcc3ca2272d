"""Section ``report``: what the HTML page shows."""

from typing import Annotated

from pydantic import Field

from pipeline_lib.params.section import Section


class Report(Section):
    """How many pictures are shown.

    What a run is compared with, the run says itself: `reference` in section `methods`.
    """

    sheet_columns: Annotated[int, Field(ge=1, le=20)]  # pictures per class in a contact sheet
    sheet_classes: Annotated[int, Field(ge=1, le=50)]  # classes shown
