"""Section "Pictures": images to search, filter and open, with what every run says of them."""

from pipeline_lib.reporting.explorer.look import READS, Look, look
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.section import Section


def _build(material: Material) -> Look | None:
    return look(material) if len(material.collection) else None


SECTION = Section("pictures", "Pictures", 25, _build, reads=READS)
