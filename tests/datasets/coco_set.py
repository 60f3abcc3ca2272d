"""A small data set in the form of COCO, written piece by piece."""

import json

from pipeline_lib.datasets import coco

CATEGORIES = [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}]
RLE = {"counts": [3, 4], "size": [50, 100]}


def image(number, **changes):
    file = f"{number:0>3}.jpg"
    return {"id": number, "file_name": file, "width": 100, "height": 50} | changes


def instance(number, category=1, box=(10, 5, 50, 25), crowd=0):
    polygon = RLE if crowd else [[1.5, 2, 3, 4, 5.25, 6]]
    return {"id": 7, "image_id": number, "category_id": category, "bbox": list(box),
            "iscrowd": crowd, "segmentation": polygon, "area": 9.5}  # fmt: skip


def write(root, part="train2017", images=(), annotations=(), categories=CATEGORIES):
    for folder in ("annotations", part):
        (root / folder).mkdir(parents=True, exist_ok=True)
    content = {"info": {}, "images": list(images), "annotations": list(annotations),
               "categories": categories}  # fmt: skip
    path = root / "annotations" / f"instances_{part}.json"
    path.write_text(json.dumps(content))
    return path


def items(root, dataset):
    return list(coco.open_reader(root, dataset(root)).items())


def part(root, **changes):
    """Write one picture with two annotations; ``...`` takes a key out of the second."""
    entry = {key: value for key, value in (instance(1) | changes).items() if value is not ...}
    write(root, images=[image(1)], annotations=[instance(1, 18), entry])
    return list(coco.open_reader(root, None).items())  # the reader asks nothing of params
