"""Writes golden/values/resize.json: where Pillow's NEAREST takes each pixel from, for sizes that patches have; bilinear resizing by PyTorch.

Run with Pillow 9 or later. A ramp is resized, so that each pixel of the result names its place in the source.
"""

import json
from pathlib import Path

import PIL
import torch
from PIL import Image

OUT = Path(__file__).parent / "values" / "resize.json"
SIZES = [(size, 50) for size in [*range(1, 52), 75, 96, 99, 100, 101, 128, 196, 224, 255]]
SIZES += [(50, 48), (48, 50), (50, 1), (5, 3), (3, 5), (224, 48), (49, 7)]


def sources(size, target):
    """The source column of each target column."""
    ramp = Image.new("L", (size, 1))
    ramp.putdata(list(range(size)))
    return list(ramp.resize((target, 1), Image.NEAREST).getdata())


def picture(width, height, to_width, to_height):
    """An RGB picture whose red is x, green is y and blue is x * y modulo 256, resized."""
    image = Image.new("RGB", (width, height))
    image.putdata([(x, y, x * y % 256) for y in range(height) for x in range(width)])
    resized = image.resize((to_width, to_height), Image.NEAREST)
    return {"from": [width, height], "to": [to_width, to_height], "data": list(resized.tobytes())}


def bilinear(width, height, to_width, to_height):
    """The same picture by torch.nn.functional.interpolate, with half-pixel centres and without antialiasing: [height, width, 3]."""
    data = [[[x * 37 % 256, y * 61 % 256, x * y % 256] for x in range(width)] for y in range(height)]
    image = torch.tensor(data, dtype=torch.float64).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(image, size=(to_height, to_width), mode="bilinear", align_corners=False)
    values = [float(f"{value:.10g}") for value in resized[0].permute(1, 2, 0).flatten().tolist()]
    return {"from": [width, height], "to": [to_width, to_height], "data": values}


def main():
    rows = [{"from": a, "to": b, "sources": sources(a, b)} for a, b in SIZES]
    pictures = [picture(12, 43, 5, 6), picture(7, 3, 9, 8), picture(50, 30, 6, 5)]
    smooth = [bilinear(5, 4, 9, 13), bilinear(12, 7, 5, 3), bilinear(3, 3, 3, 3), bilinear(1, 2, 4, 4)]
    lines = [f'"source": {json.dumps("Pillow " + PIL.__version__)}']
    for key, values in (("columns", rows), ("pictures", pictures), ("bilinear", smooth)):
        lines.append(f'"{key}": [\n' + ",\n".join(json.dumps(value) for value in values) + "\n]")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
