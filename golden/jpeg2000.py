"""Small Aperio slides packed as JPEG 2000 in each way that such files are, and their pixels as OpenSlide reads them.

Writes golden/values/jpeg2000.json. Needs Debian's libopenjp2-tools (opj_compress) and python3-openslide. The pictures are waves.
"""

import base64
import hashlib
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy
import openslide

from common.output import write

RGB, YCBCR = 33005, 33003


def waves(height: int, width: int, seed: int) -> numpy.ndarray:
    y, x = numpy.mgrid[0:height, 0:width]
    return numpy.round(128 + 120 * numpy.sin(x / (5 + seed) + y / (11 - seed)) * numpy.cos(y / (7 + seed))).astype(numpy.uint8)


def packed(size: int, across: list[int], down: list[int], options: list[str]) -> bytes:
    """A codestream of three components, each smaller by its factors."""
    planes = [waves(-(-size // b), -(-size // a), seed).tobytes() for seed, (a, b) in enumerate(zip(across, down))]
    sampling = ":".join(f"{a}x{b}" for a, b in zip(across, down))
    with tempfile.TemporaryDirectory() as folder:
        raw, out = Path(folder) / "picture.raw", Path(folder) / "picture.j2k"
        raw.write_bytes(b"".join(planes))
        words = ["opj_compress", "-i", raw, "-o", out, "-F", f"{size},{size},3,8,u@{sampling}", *options]
        subprocess.run(words, check=True, capture_output=True)
        return out.read_bytes()


def slide(tile: bytes, size: int, compression: int) -> bytes:
    """An SVS file of one tile."""
    description = f"Aperio Image Library v11.0.37\n{size}x{size} ({size}x{size}) J2K|AppMag = 40|MPP = 0.2527\0".encode()
    entries = [(256, 4, size), (257, 4, size), (258, 3, [8, 8, 8]), (259, 3, compression), (262, 3, 2), (270, 2, description)]
    entries += [(277, 3, 3), (284, 3, 1), (322, 4, size), (323, 4, size), (324, 4, 8), (325, 4, len(tile))]
    outside_at, outside, rows = 8 + len(tile), b"", b""
    for tag, kind, value in entries:
        values = value if isinstance(value, (list, bytes)) else [value]
        data = values if kind == 2 else struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(data) > 4:
            data, outside = struct.pack("<I", outside_at + len(outside)), outside + data
        rows += struct.pack("<HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    directory = struct.pack("<H", len(entries)) + rows + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", outside_at + len(outside)) + tile + outside + directory


def described(name: str, compression: int, size: int, across: list[int], down: list[int], options: list[str]) -> dict:
    content = slide(packed(size, across, down, options), size, compression)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.svs"
        path.write_bytes(content)
        pixels = numpy.asarray(openslide.OpenSlide(str(path)).read_region((0, 0), 0, (size, size)))[..., :3]
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    return {"name": name, "size": size, "sha256": digest, "slide": base64.b64encode(content).decode()}


def main() -> None:
    plain, half, lossy = [1, 1, 1], [1, 2, 2], ["-I", "-r", "20"]
    rows = [
        ("RGB, lossy, with the colour transform", RGB, 64, plain, plain, [*lossy, "-mct", "1"]),
        ("RGB, lossless", RGB, 64, plain, plain, ["-mct", "1"]),
        ("RGB, lossy, without the colour transform", RGB, 64, plain, plain, [*lossy, "-mct", "0"]),
        ("YCbCr 4:4:4, lossy", YCBCR, 64, plain, plain, [*lossy, "-mct", "0"]),
        ("YCbCr 4:2:2, lossy", YCBCR, 64, half, plain, [*lossy, "-mct", "0"]),
        ("YCbCr 4:2:2, lossless", YCBCR, 80, half, plain, ["-mct", "0"]),
        ("YCbCr 4:2:0, lossy", YCBCR, 64, half, half, [*lossy, "-mct", "0"]),
        ("YCbCr 4:2:2, large", YCBCR, 1024, half, plain, ["-I", "-r", "900", "-mct", "0"]),
        ("RGB, tiles within the tile", RGB, 96, plain, plain, [*lossy, "-mct", "1", "-t", "48,48"]),
    ]
    write("jpeg2000", {"slides": [described(*row) for row in rows]})


if __name__ == "__main__":
    main()
