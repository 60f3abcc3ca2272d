"""Small data sets of every kind that `protoweave start` may meet."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

PHOTO = (128, 112)  # pixels
WORDS = ("sky", "sea", "sand")


def picture(path, number, size=PHOTO):
    path.parent.mkdir(parents=True, exist_ok=True)
    shade = np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(shade).save(path)
    return path


def folders(root, classes=3, each=8, size=PHOTO):
    """Class folders; returns the paths of the pictures below root."""
    names = [f"kind_{c}/{n}.png" for c in range(classes) for n in range(each)]
    for number, name in enumerate(names):
        picture(root / name, number, size)
    return names


def tagged(root, **shape):
    """Class folders with a table of tags beside them."""
    names = folders(root, **shape)
    rows = [f'{name},"{WORDS[n % 3]};{WORDS[(n + 1) % 3]}"' for n, name in enumerate(names)]
    (root / "tags.csv").write_text("\n".join(["file,tags", *rows]))
    return root


def captioned(root):
    """A list with classes, tags and captions."""
    names = [f"{n}.png" for n in range(24)]
    for n, name in enumerate(names):
        picture(root / name, n)
    rows = [
        f"{name},kind_{n % 2},{WORDS[n % 3]};sun,a {WORDS[n % 3]}" for n, name in enumerate(names)
    ]
    (root / "labels.csv").write_text("\n".join(["path,classes,tags,caption", *rows]))
    return root


def coco(root):
    """MS-COCO with boxes, its val split shipped, none to test on."""
    for part, first in (("train2017", 0), ("val2017", 30)):
        images, annotations = [], []
        for n in range(first, first + 12):
            picture(root / part / f"{n}.jpg", n)
            images.append({"id": n, "file_name": f"{n}.jpg", "width": 128, "height": 112})
            annotations.append(
                {"id": n, "image_id": n, "category_id": n % 2 + 1, "bbox": [5, 5, 50, 40],
                 "iscrowd": 0, "area": 2000.0, "segmentation": [[5, 5, 55, 5, 55, 45]]}
            )  # fmt: skip
        categories = [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}]
        content = {"info": {}, "images": images, "annotations": annotations}
        (root / "annotations").mkdir(exist_ok=True)
        file = root / "annotations" / f"instances_{part}.json"
        file.write_text(json.dumps(content | {"categories": categories}))
    return root


def parquet(root, size=(32, 32)):
    """Embedded pictures with classes, a test split shipped."""
    for split, count in (("train", 24), ("test", 8)):
        files = [
            picture(root / f"{split}_{n}.png", n + len(split) * 100, size) for n in range(count)
        ]
        table = pa.table(
            {"image": [f.read_bytes() for f in files], "label": [f"k{n % 2}" for n in range(count)]}
        )
        pq.write_table(table, root / f"{split}.parquet")
        for file in files:
            file.unlink()
    return root
