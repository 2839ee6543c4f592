"""Writes golden/values/png.json: small PNG files as Pillow packs them, with the pixels that Pillow reads from them again.

Run with Pillow 9 or later. The script checks that the files use every filter that Pillow writes (all but 3).
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import PIL
from PIL import Image

OUT = Path(__file__).parent / "values" / "png.json"


def sample(x, y, channel):
    """Plain areas, ramps and texture, so that each filter is the best one for some row."""
    if y < 4:
        return 200 + 20 * channel
    if y < 9:
        return (x * 7 + y * 3 + channel * 31) % 256
    if y < 14:
        return (x * x * 5 + channel * 17) % 256
    return (x * y * (3 + channel) + (x * 29 ^ y * 13)) % 256


def packed(mode, width, height):
    channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    data = bytes(
        255 if channel == 3 else sample(x, y, channel) for y in range(height) for x in range(width) for channel in range(channels)
    )
    file = io.BytesIO()
    Image.frombytes(mode, (width, height), data).save(file, "PNG")
    rgb = Image.open(io.BytesIO(file.getvalue())).convert("RGB").tobytes()
    entry = {"mode": mode, "width": width, "height": height}
    return entry | {"png": base64.b64encode(file.getvalue()).decode(), "rgb": base64.b64encode(rgb).decode()}


def filters(entry):
    """The filters of the rows; the header is the first chunk and the pixels are in one."""
    file = base64.b64decode(entry["png"])
    start = file.index(b"IDAT")
    (length,) = struct.unpack(">I", file[start - 4 : start])
    rows = zlib.decompress(file[start + 4 : start + 4 + length])
    return set(rows[:: len(rows) // entry["height"]])


def main():
    files = [packed("RGB", 23, 31), packed("RGB", 50, 50), packed("RGBA", 17, 20), packed("L", 40, 25)]
    used = set().union(*map(filters, files))
    assert used == {0, 1, 2, 4}, used
    lines = ",\n".join(json.dumps(entry) for entry in files)
    OUT.write_text(f'{{\n"source": {json.dumps("Pillow " + PIL.__version__)},\n"files": [\n{lines}\n]\n}}\n')


if __name__ == "__main__":
    main()
