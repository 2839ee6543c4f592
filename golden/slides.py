"""Regions of slides as OpenSlide and libvips read them: writes golden/values/slides.json, hashes of pixels, not pixels.

Needs Debian's python3-openslide and libvips-tools, and IDC_DATA: a folder with slides/. Both programs read each picture where
both can, and must agree, but for levels narrower than a tile that are not JPEG: there Debian 12's libtiff 4.5.0 gives OpenSlide a
tile whose rows have another length ("raster width adapted for reading"), and the picture is torn. Whole levels are read from their left upper corner and cut here, because OpenSlide resamples where a
region's place is no whole pixel of its level.
"""

import hashlib
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import openslide

from common.output import write

REGIONS = 8


def by_openslide(path: Path) -> tuple[list, float | None]:
    """Each level as [height, width, 3], transparent places white; and microns per pixel."""
    slide = openslide.OpenSlide(str(path))
    levels = []
    for level, size in enumerate(slide.level_dimensions):
        pixels = numpy.asarray(slide.read_region((0, 0), level, size))
        levels.append(numpy.where(pixels[..., 3:] == 0, numpy.uint8(255), pixels[..., :3]))
    microns = slide.properties.get("openslide.mpp-x")
    return levels, None if microns is None else float(microns)


def by_libvips(path: Path, page: int | None) -> numpy.ndarray:
    """A page of a TIFF file, or a plain picture."""
    with tempfile.TemporaryDirectory() as folder:
        picture, raw = f"{folder}/picture.v", f"{folder}/picture.raw"
        # Named, as libvips would else read an SVS file through OpenSlide.
        load = ["copy", path, picture] if page is None else ["tiffload", path, picture, "--page", str(page)]
        run("vips", *load)
        run("vips", "rawsave", picture, raw)
        shape = tuple(int(run("vipsheader", "-f", field, picture)) for field in ("height", "width", "bands"))
        return numpy.fromfile(raw, numpy.uint8).reshape(shape)


def run(*words) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def regions(pixels: numpy.ndarray, name: str) -> list[dict]:
    """Places drawn from the name, some of which reach beyond an edge, where it is white; the first is the whole level."""
    height, width = pixels.shape[:2]
    draw = random.Random(name)
    places = [(0, 0, width, height)]
    for _ in range(REGIONS):
        size = (draw.randint(1, min(700, width + 20)), draw.randint(1, min(700, height + 20)))
        places.append((draw.randint(-20, width - 1), draw.randint(-20, height - 1), *size))
    return [{"x": x, "y": y, "width": w, "height": h, "sha256": digest(pixels, x, y, w, h)} for x, y, w, h in places]


def digest(pixels: numpy.ndarray, x: int, y: int, width: int, height: int) -> str:
    region = numpy.full((height, width, 3), 255, numpy.uint8)
    left, top = max(x, 0), max(y, 0)
    part = pixels[top : max(y + height, 0), left : max(x + width, 0)]
    region[top - y :, left - x :][: part.shape[0], : part.shape[1]] = part
    return hashlib.sha256(region.tobytes()).hexdigest()


def described(path: Path, openslide_levels: int, vips_pages: list[int | None]) -> dict:
    """How many levels OpenSlide reads rightly, and the pages that libvips reads as levels: none where it lacks the codec."""
    levels, microns = by_openslide(path) if openslide_levels > 0 else ([], None)
    rows = []
    for level in range(max(openslide_levels, len(vips_pages))):
        witnesses = {}
        if level < openslide_levels:
            witnesses["OpenSlide"] = levels[level]
        if level < len(vips_pages):
            witnesses["libvips"] = by_libvips(path, vips_pages[level])
        pixels = next(iter(witnesses.values()))
        if not all(numpy.array_equal(pixels, other) for other in witnesses.values()):
            sys.exit(f"{path.name}: OpenSlide and libvips differ in level {level}")
        places = regions(pixels, f"{path.name} {level}")
        size = {"width": pixels.shape[1], "height": pixels.shape[0]}
        rows.append({**size, "witnesses": list(witnesses), "regions": places})
    return {"file": path.name, "micronsPerPixel": microns, "levels": rows}


def main() -> None:
    if "IDC_DATA" not in os.environ:
        sys.exit("slides.py: set IDC_DATA to the folder of the data.")
    folder = Path(os.environ["IDC_DATA"]) / "slides"
    rows = [
        ("8917.png", 0, [None]),
        ("9023.tif", 5, [0, 1, 2, 3, 4]),
        ("CMU-1-Small-Region.svs", 1, [0]),
        ("boxes.tiff", 2, [0, 1, 2, 3]),
        ("small.svs", 1, [0]),
        ("tcga-cr-7395-01a-01-ts1.svs", 2, []),
    ]
    write("slides", {"slides": [described(folder / name, *readers) for name, *readers in rows]})


if __name__ == "__main__":
    main()
