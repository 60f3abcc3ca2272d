"""What ``ingest`` keeps of pictures that it has decoded, so that it need not decode them again."""

import dataframely as dy

from pipeline_lib.artifacts.table import Table


class DecodedPictures(dy.Schema):
    """One row per picture of one part, by its content."""

    content = dy.String(primary_key=True, regex=r"^[0-9a-f]{64}$")  # SHA-256 of the encoded bytes
    width = dy.Int32(min=1)  # pixels, upright
    height = dy.Int32(min=1)
    turned = dy.Int32(min=1, max=8)  # EXIF's orientation of the stored picture
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$")  # of shape and pixels


DECODED = Table(DecodedPictures, stage="ingest")
