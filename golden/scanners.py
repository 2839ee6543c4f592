"""Small slides in the layouts of scanners, and their pixels as OpenSlide reads them: writes golden/values/scanners.json.

Needs Debian's python3-openslide, python3-pil and libjpeg-turbo-progs (cjpeg). The pictures are waves; every slide must be one of
its vendor to OpenSlide. Levels are read whole from their left upper corner, as in slides.py.
"""

import base64
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import openslide
from PIL import Image

from common.output import write
from dicom import waves
from slides import by_openslide, regions

SHORT, LONG, RATIONAL, UNDEFINED, FLOAT, ASCII, BYTE, SLONG = 3, 4, 5, 7, 11, 2, 1, 9
SIZES = {SHORT: "H", LONG: "I", FLOAT: "f", SLONG: "i"}


def jpeg(pixels: numpy.ndarray, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "tile.ppm"
        Image.fromarray(pixels).save(picture)
        return subprocess.run(["cjpeg", "-quality", "85", *options, picture], check=True, capture_output=True).stdout


def tiles(pixels: numpy.ndarray, width: int, height: int) -> list[bytes]:
    """JPEG tiles row by row, the last ones filled up with their last pixels."""
    rows, columns = pixels.shape[:2]
    padded = numpy.pad(pixels, ((0, -rows % height), (0, -columns % width), (0, 0)), mode="edge")
    return [jpeg(padded[y : y + height, x : x + width]) for y in range(0, rows, height) for x in range(0, columns, width)]


def tiled(pixels: numpy.ndarray, tile: int, blocks: list[bytes] | None = None, **texts) -> tuple[list, list[bytes], tuple]:
    """A directory: its tags, its blocks, the tags of their places and lengths."""
    tags = picture_tags(pixels) + [(322, LONG, [tile]), (323, LONG, [tile])] + text_tags(texts)
    return tags, tiles(pixels, tile, tile) if blocks is None else blocks, (324, 325)


def stripped(pixels: numpy.ndarray, **texts) -> tuple[list, list[bytes], tuple]:
    return picture_tags(pixels) + [(278, LONG, [pixels.shape[0]])] + text_tags(texts), [jpeg(pixels)], (273, 279)


def picture_tags(pixels: numpy.ndarray) -> list:
    height, width = pixels.shape[:2]
    tags = [(256, LONG, [width]), (257, LONG, [height]), (258, SHORT, [8, 8, 8]), (259, SHORT, [7]), (262, SHORT, [6])]
    return tags + [(277, SHORT, [3]), (284, SHORT, [1]), (530, SHORT, [2, 2])]


def text_tags(texts: dict) -> list:
    numbers = {"description": (270, ASCII), "software": (305, ASCII), "xmp": (700, BYTE)}
    tags = [(*numbers[name], value.encode()) for name, value in texts.items() if name in numbers]
    if texts.get("reduced"):
        tags.append((254, LONG, [1]))
    if "resolution" in texts:
        value, unit = texts["resolution"]
        tags += [(282, RATIONAL, [value]), (283, RATIONAL, [value]), (296, SHORT, [unit])]
    return tags


def encoded(kind: int, values) -> bytes:
    if kind in (ASCII, BYTE, UNDEFINED):
        return values + b"\0" if kind == ASCII else values
    if kind == RATIONAL:
        return b"".join(struct.pack("<2I", round(value * 1000), 1000) for value in values)
    return struct.pack(f"<{len(values)}{SIZES[kind]}", *values)


def tiff(directories: list[tuple[list, list[bytes], tuple]], ndpi: bool = False) -> bytes:
    """A little-endian TIFF file. NDPI's places of directories have eight bytes, and their tags' high halves lie behind them."""
    out = bytearray(b"II*\0" + bytes(8 if ndpi else 4))
    link, width = 4, "<Q" if ndpi else "<I"
    for tags, blocks, (places, lengths) in directories:
        starts = []
        for block in blocks:
            starts.append(len(out) if block else 0)
            out += block + b"\0" * (len(block) % 2)
        entries = sorted([*tags, (places, LONG, starts), (lengths, LONG, [len(block) for block in blocks])])
        rows = []
        for tag, kind, values in entries:
            data = encoded(kind, values)
            count = len(data) if kind in (ASCII, BYTE, UNDEFINED) else len(values)
            if len(data) > 4:
                rows.append(struct.pack("<HHII", tag, kind, count, len(out)))
                out += data + b"\0" * (len(data) % 2)
            else:
                rows.append(struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0"))
        struct.pack_into(width, out, link, len(out))
        out += struct.pack("<H", len(rows)) + b"".join(rows)
        link = len(out)
        out += bytes(8 + 4 * len(rows) if ndpi else 4)
    return bytes(out)


def philips() -> bytes:
    """Levels filled up to whole tiles of 64; the first has no tile at (1, 0)."""
    full = waves(128, 192)
    blocks = tiles(full, 64, 64)
    blocks[1] = b""
    second, third = waves(64, 128), waves(64, 64)
    spacing = lambda factor: f'&quot;{0.000226891 * factor:.9f}&quot; &quot;{0.000226907 * factor:.9f}&quot;'
    attribute = lambda name, value: f'<Attribute Name="{name}" Group="0x301D" Element="0x1001" PMSVR="IString">{value}</Attribute>'
    representation = "".join(
        f'<DataObject ObjectType="PixelDataRepresentation">{attribute("DICOM_PIXEL_SPACING", spacing(factor))}'
        f"{attribute('PIIM_PIXEL_DATA_REPRESENTATION_NUMBER', index)}</DataObject>"
        for index, factor in enumerate([1, 2, 4])
    )
    tissue = attribute("PIM_DP_IMAGE_TYPE", "WSI") + attribute("DICOM_PIXEL_SPACING", spacing(1))
    tissue += attribute("PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE", f"<Array>{representation}</Array>")
    label = attribute("PIM_DP_IMAGE_TYPE", "LABELIMAGE")
    label += attribute("PIM_DP_IMAGE_DATA", base64.b64encode(jpeg(waves(20, 30))).decode())
    images = "".join(f'<DataObject ObjectType="DPScannedImage">{image}</DataObject>' for image in (label, tissue))
    xml = '<?xml version="1.0" encoding="UTF-8" ?>\n<DataObject ObjectType="DPUfsImport">'
    xml += attribute("DICOM_MANUFACTURER", "PHILIPS") + attribute("PIM_DP_SCANNED_IMAGES", f"<Array>{images}</Array>")
    return tiff([
        tiled(full, 64, blocks, description=xml + "</DataObject>", software="Philips DP v1.0"),
        tiled(second, 64, description="level=1", reduced=True),
        tiled(third, 64, description="level=2", reduced=True),
        stripped(waves(20, 30), description="Label"),
    ])


def leica(areas: list[tuple[int, int, int, int]]) -> bytes:
    """A glass of 100 x 150 micrometres, whose areas begin at places that are no whole pixels; each has two levels."""
    nanometres = 500
    directories, images = [stripped(waves(30, 20))], []
    for index, (x, y, width, height) in enumerate(areas):
        dimensions = []
        for level in range(2):
            pixels = numpy.roll(waves(height >> level, width >> level), 13 * index, axis=1)
            dimensions.append(f'<dimension sizeX="{width >> level}" sizeY="{height >> level}" r="{level}" ifd="{len(directories)}" />')
            directories.append(tiled(pixels, 32, resolution=(10_000_000 / nanometres, 3)))
        dimensions.append('<dimension sizeX="9" sizeY="9" r="0" z="1" ifd="0" />')
        images.append(
            f'<image name="area {index}"><device model="Leica SCN400" version="1.4" /><pixels sizeX="{width}" sizeY="{height}">'
            f"{''.join(dimensions)}</pixels><view sizeX=\"{width * nanometres}\" sizeY=\"{height * nanometres}\" "
            f'offsetX="{x}" offsetY="{y}" spacingZ="0" /><scanSettings><objectiveSettings><objective>20</objective>'
            "</objectiveSettings><illuminationSettings><illuminationSource>brightfield</illuminationSource>"
            "</illuminationSettings></scanSettings></image>"
        )
    glass = (
        '<image name="glass"><pixels sizeX="20" sizeY="30"><dimension sizeX="20" sizeY="30" r="0" ifd="0" /></pixels>'
        '<view sizeX="100000" sizeY="150000" offsetX="0" offsetY="0" spacingZ="0" /><scanSettings><objectiveSettings>'
        "<objective>0.6</objective></objectiveSettings><illuminationSettings><illuminationSource>brightfield"
        "</illuminationSource></illuminationSettings></scanSettings></image>"
    )
    xml = '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="urn:uuid:1">'
    xml += f'<collection name="c" uuid="urn:uuid:2" sizeX="100000" sizeY="150000">{glass}{"".join(images)}</collection></scn>'
    first = tiled(waves(32, 32), 32, description=xml)
    directories[0] = first
    return tiff(directories)


def trestle() -> bytes:
    """Two levels whose tiles have 5 x 3 and 2 x 0 pixels in common."""
    description = "Background Color=E6E6E6;White Balance=CCCCCC;Objective Power=20;JPEG Quality=85;OverlapsXY= 5 3 2 0"
    first = tiled(waves(100, 140), 32, description=description, software="MedScan", resolution=(0.5, 1))
    return tiff([first, tiled(waves(50, 70), 32, resolution=(1, 1))])


def ventana(xml: str | None) -> bytes:
    initial = '<?xml version="1.0"?><iScan ScanRes="0.2500" Magnification="40" UnitNumber="1" />'
    texts = {} if xml is None else {"xmp": xml}
    return tiff([
        stripped(waves(20, 30), description="Label Image", xmp=initial),
        tiled(waves(96, 128), 32, description="level=0 mag=40 quality=95", **texts),
        tiled(waves(48, 64), 32, description="level=1 mag=20 quality=95"),
        tiled(waves(24, 32), 32, description="level=2 mag=10 quality=95"),
    ])


def joined(overlap: int) -> str:
    """The XML of an area of 4 x 3 tiles, numbered from below, every second row from the right."""
    joints = []
    for row in range(3):
        for column in range(4):
            number = lambda c, r: 1 + 4 * r + (3 - c if r % 2 else c)
            pair = 'FlagJoined="1" Confidence="99" Direction="{}" Tile1="{}" Tile2="{}" OverlapX="{}" OverlapY="{}"'
            if column < 3:
                text = pair.format("RIGHT", number(column, row), number(column + 1, row), overlap, 0)
                joints.append(f"<TileJointInfo {text} />")
            if row < 2:
                text = pair.format("UP", number(column, row), number(column, row + 1), 0, overlap)
                joints.append(f"<TileJointInfo {text} />")
    info = 'AOIScanned="1" AOIIndex="0" NumRows="3" NumCols="4" Width="32" Height="32" Pos-X="0" Pos-Y="0"'
    return (
        f'<?xml version="1.0"?><EncodeInfo Ver="2"><SlideStitchInfo><ImageInfo {info}>{"".join(joints)}</ImageInfo>'
        '</SlideStitchInfo><AoiOrigin><AOI0 OriginX="0" OriginY="0" /></AoiOrigin></EncodeInfo>'
    )


def ndpi(sampling: str, across: int, table: bool = True, height: int = 64, width: int = 192) -> bytes:
    """Levels of one JPEG each, with a mark to restart every `across` of its smallest blocks; the last has none. Then the glass."""
    directories, restart = [], ["-restart", f"{across}B"]
    levels = [(waves(height >> level, width >> level), restart if level < 2 else []) for level in range(3)]
    for pixels, options in levels:
        stream = jpeg(pixels, "-sample", sampling, *options)
        tags = ndpi_tags(pixels, 20.0)
        starts = mcu_starts(stream)
        if table and options:
            tags.append((65426, LONG, starts))
        directories.append((tags, [stream], (273, 279)))
    glass = waves(30, 60)
    directories.append((ndpi_tags(glass, -1.0), [jpeg(glass)], (273, 279)))
    return tiff(directories, ndpi=True)


def ndpi_tags(pixels: numpy.ndarray, lens: float) -> list:
    height, width = pixels.shape[:2]
    tags = [(256, LONG, [width]), (257, LONG, [height]), (258, SHORT, [8, 8, 8]), (259, SHORT, [7]), (262, SHORT, [6])]
    tags += [(271, ASCII, b"Hamamatsu"), (277, SHORT, [3]), (278, LONG, [height]), (282, RATIONAL, [40000.0]), (283, RATIONAL, [40000.0])]
    return tags + [(296, SHORT, [3]), (65420, LONG, [1]), (65421, FLOAT, [lens]), (65424, SLONG, [0])]


def mcu_starts(stream: bytes) -> list[int]:
    """Behind the header, and behind each mark to restart; from the start of the stream."""
    at = 2
    while stream[at + 1] != 0xDA:
        at += 2 + struct.unpack(">H", stream[at + 2 : at + 4])[0]
    begin = at + 2 + struct.unpack(">H", stream[at + 2 : at + 4])[0]
    return [begin] + [i + 2 for i in range(begin, len(stream) - 1) if stream[i] == 0xFF and 0xD0 <= stream[i + 1] <= 0xD7]


def beyond_4_gigabytes(file: bytes, path: Path) -> None:
    """All but the first eight bytes lie 2^32 bytes further on: the low halves of places stay, and the high ones are 1."""
    out = bytearray(file)
    link = 4
    while (place := struct.unpack_from("<Q", out, link)[0]) != 0:
        struct.pack_into("<Q", out, link, place + 2**32)
        count = struct.unpack_from("<H", out, place)[0]
        link = place + 2 + 12 * count
        for entry in range(count):
            tag, kind, values = struct.unpack_from("<HHI", out, place + 2 + 12 * entry)
            outside = values * {ASCII: 1, SHORT: 2, RATIONAL: 8}.get(kind, 4) > 4
            struct.pack_into("<I", out, link + 8 + 4 * entry, int(outside or tag == 273))
    with path.open("wb") as sparse:
        sparse.write(out[:12])
        sparse.seek(2**32 + 12)
        sparse.write(out[12:])


def check_large() -> None:
    """OpenSlide reads the slide beyond 4 GB as the small one: so the tests may expect the same pixels."""
    file = ndpi("2x1", 2)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.ndpi", Path(folder) / "large.ndpi"
        small.write_bytes(file)
        beyond_4_gigabytes(file, large)
        for one, other in zip(by_openslide(small)[0], by_openslide(large)[0], strict=True):
            if not numpy.array_equal(one, other):
                sys.exit("OpenSlide reads the NDPI slide beyond 4 GB differently")


def higher_than_jpeg(times: int) -> tuple[bytes, numpy.ndarray]:
    """A level of 64 x 608 pixels over and over, more than a JPEG can state, so that it states a height of 0; and its picture."""
    pixels = waves(608, 64)
    stream = jpeg(pixels, "-sample", "2x1", "-restart", "2B")
    starts = mcu_starts(stream)
    pieces = [stream[start : end - 2] for start, end in zip(starts, [*starts[1:], len(stream)])] * times
    header = bytearray(stream[: starts[0]])
    struct.pack_into(">H", header, header.index(b"\xff\xc0") + 5, 0)
    parted = b"".join(b"\xff" + bytes([0xD0 + index % 8]) + piece for index, piece in enumerate(pieces[1:]))
    high = bytes(header) + pieces[0] + parted + b"\xff\xd9"
    tags = ndpi_tags(numpy.broadcast_to(pixels[:1], (608 * times, 64, 3)), 20.0) + [(65426, LONG, mcu_starts(high))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.ndpi"
        path.write_bytes(ndpi("2x1", 2, height=608, width=64))
        once = by_openslide(path)[0][0]
    return tiff([(tags, [high], (273, 279))], ndpi=True), numpy.tile(once, (times, 1, 1))


def check_high() -> None:
    """OpenSlide, which decodes piece by piece, shows the picture over and over: so the tests may expect it."""
    file, picture = higher_than_jpeg(110)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "high.ndpi"
        path.write_bytes(file)
        levels, _ = by_openslide(path)
        if not numpy.array_equal(levels[0], picture):
            sys.exit("OpenSlide does not read the NDPI slide that is higher than a JPEG can be as expected")


def described(name: str, vendor: str, file: bytes, sizes: list[tuple[int, int]] | None = None) -> dict:
    """`sizes` of the levels that are in the file, where OpenSlide makes others."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.tif"
        path.write_bytes(file)
        found = openslide.OpenSlide.detect_format(str(path))
        if found != vendor:
            sys.exit(f"{name}: OpenSlide takes it for {found}, not {vendor}")
        levels, microns = by_openslide(path)
        downsamples = openslide.OpenSlide(str(path)).level_downsamples
    rows = []
    for index, pixels in enumerate(levels):
        size = (pixels.shape[1], pixels.shape[0])
        if sizes is not None and size not in sizes:
            continue
        rows.append({"width": size[0], "height": size[1], "downsample": downsamples[index], "regions": regions(pixels, f"{name} {index}")})
    return {"name": name, "micronsPerPixel": microns, "levels": rows, "file": base64.b64encode(file).decode()}


def main() -> None:
    check_large()
    check_high()
    sizes = [(192, 64), (96, 32), (48, 16)]
    write("scanners", {"slides": [
        described("Philips TIFF", "philips", philips()),
        described("Leica SCN", "leica", leica([(12_345, 23_456, 70, 90)])),
        described("Leica SCN, two areas", "leica", leica([(12_345, 23_456, 70, 90), (55_555, 77_777, 64, 96)])),
        described("Leica SCN, areas that overlap", "leica", leica([(12_345, 23_456, 70, 90), (30_555, 40_777, 64, 96)])),
        described("Trestle", "trestle", trestle()),
        described("Ventana TIFF", "ventana", ventana(None)),
        described("Ventana BIF without overlaps", "ventana", ventana(joined(0))),
        described("Ventana BIF with overlaps", "ventana", ventana(joined(3))),
        described("Hamamatsu NDPI 4:4:4", "hamamatsu", ndpi("1x1", 4), sizes),
        described("Hamamatsu NDPI 4:2:2", "hamamatsu", ndpi("2x1", 2), sizes),
        described("Hamamatsu NDPI, tall", "hamamatsu", ndpi("2x1", 2, height=608, width=64), [(64, 608), (32, 304), (16, 152)]),
        described("Hamamatsu NDPI without a table", "hamamatsu", ndpi("2x1", 6, table=False), sizes),
    ]})


if __name__ == "__main__":
    main()
