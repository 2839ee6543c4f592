"""Small TIFF files of each kind that is read - compression, colours, samples, planes - and their pixels as others read them.

Writes golden/values/tiff.json: the files, hashes of their RGB pixels, and who read these. Every reader named for a row must agree,
to the byte; lossless rows must besides be the picture that was packed. Needs Debian's python3-pil, python3-openslide,
libvips-tools and libopenjp2-tools.
"""

import base64
import hashlib
import io
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import openslide
from PIL import Image

from common.output import write

WIDTH, HEIGHT, TILE = 20, 12, 16

NONE, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE, APERIO_YCC, APERIO_RGB, JP2K, ZSTD, WEBP = (
    *(1, 5, 7, 8, 32773, 32946, 33003, 33005, 34712, 50000, 50001),
)
WHITE_IS_ZERO, GREY, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
BY_PILLOW = {LZW: "tiff_lzw", DEFLATE: "tiff_adobe_deflate", OLD_DEFLATE: "tiff_adobe_deflate", PACKBITS: "packbits", ZSTD: "zstd"}


def waves(samples: int) -> numpy.ndarray:
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [128 + 120 * numpy.sin(x / (3 + s) + y / (9 - s)) * numpy.cos(y / (4 + s)) for s in range(samples)]
    return numpy.round(numpy.stack(planes, -1)).astype(numpy.uint8)


def tiles(picture: numpy.ndarray) -> list[numpy.ndarray]:
    """Filled up beyond the picture with its last pixels."""
    padded = numpy.pad(picture, ((0, -HEIGHT % TILE), (0, -WIDTH % TILE), (0, 0)), mode="edge")
    return [padded[:, left : left + TILE] for left in range(0, padded.shape[1], TILE)]


def strip_of(content: bytes) -> bytes:
    """The one strip of a TIFF file that Pillow wrote."""
    with Image.open(io.BytesIO(content)) as file:
        [start], [length] = file.tag_v2[273], file.tag_v2[279]
    return content[start : start + length]


def compressed(data: bytes, compression: int) -> bytes:
    if compression == NONE:
        return data
    rows = Image.frombytes("L", (len(data) // TILE, TILE), data)
    file = io.BytesIO()
    rows.save(file, "TIFF", compression=BY_PILLOW[compression], tiffinfo={317: 1})
    return strip_of(file.getvalue())


def plain(tile: numpy.ndarray, compression: int, predictor: int = 1, bits: int = 8) -> bytes:
    if predictor == 2:
        tile = numpy.concatenate([tile[:, :1], tile[:, 1:] - tile[:, :-1]], 1)
    if bits < 8:
        shifts = numpy.arange(8 - bits, -1, -bits)
        tile = (tile.reshape(TILE, -1, 8 // bits) << shifts).sum(-1).astype(numpy.uint8)
    return compressed(tile.astype(tile.dtype.newbyteorder("<")).tobytes(), compression)


def jpeg(tile: numpy.ndarray, subsampling: int = 0) -> bytes:
    """0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0; of one sample it is grey."""
    file = io.BytesIO()
    Image.fromarray(tile.squeeze()).save(file, "JPEG", quality=90, subsampling=subsampling)
    return file.getvalue()


def jpeg2000(tile: numpy.ndarray, ending: str = "j2k") -> bytes:
    """Lossless."""
    with tempfile.TemporaryDirectory() as folder:
        raw, out = Path(folder) / "picture.raw", Path(folder) / f"picture.{ending}"
        raw.write_bytes(numpy.moveaxis(tile, -1, 0).tobytes())
        words = ["opj_compress", "-i", raw, "-o", out, "-F", f"{TILE},{TILE},{tile.shape[-1]},8,u", "-n", "3"]
        subprocess.run(words, check=True, capture_output=True)
        return out.read_bytes()


def webp(tile: numpy.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(tile).save(file, "WEBP", lossless=True)
    return file.getvalue()


def tiff(blocks: list[bytes], tags: dict[int, int | list[int]]) -> bytes:
    """A file of one directory, with tags as SHORT but for the places and lengths of tiles."""
    at, places = 8, []
    for block in blocks:
        places.append(at)
        at += len(block)
    defaults = {256: WIDTH, 257: HEIGHT, 284: 1, 322: TILE, 323: TILE, 324: places, 325: [len(block) for block in blocks]}
    rows, outside = b"", b""
    for tag, value in sorted({**defaults, **tags}.items()):
        values = value if isinstance(value, list) else [value]
        kind, letter = (4, "I") if tag in (324, 325) else (3, "H")
        data = struct.pack(f"<{len(values)}{letter}", *values)
        if len(data) > 4:
            data, outside = struct.pack("<I", at + len(outside)), outside + data
        rows += struct.pack("<HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    directory = struct.pack("<H", len(rows) // 12) + rows + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", at + len(outside)) + b"".join(blocks) + outside + directory


def file_of(picture: numpy.ndarray, compression: int, photometric: int, pack, apart: bool = False, **more) -> bytes:
    samples = picture.shape[-1]
    parts = [picture[..., s : s + 1] for s in range(samples)] if apart else [picture]
    blocks = [pack(tile) for part in parts for tile in tiles(part)]
    bits = [more.get("bits", 8 * picture.dtype.itemsize)] * samples
    tags = {258: bits, 259: compression, 262: photometric, 277: samples, 284: 2 if apart else 1}
    return tiff(blocks, {**tags, **more.get("tags", {})})


def by_pillow(path: Path) -> numpy.ndarray:
    return numpy.asarray(Image.open(path).convert("RGB"))


def by_openslide(path: Path) -> numpy.ndarray:
    return numpy.asarray(openslide.OpenSlide(str(path)).read_region((0, 0), 0, (WIDTH, HEIGHT)))[..., :3]


def by_libvips(path: Path) -> numpy.ndarray:
    """As sRGB, on white."""
    with tempfile.TemporaryDirectory() as folder:
        first, second, third, raw = (f"{folder}/{name}" for name in ("1.v", "2.v", "3.v", "raw"))
        vips = lambda *words: subprocess.run(["vips", *words], check=True, capture_output=True)
        vips("tiffload", path, first)
        vips("colourspace", first, second, "srgb")
        bands = subprocess.run(["vipsheader", "-f", "bands", second], check=True, capture_output=True, text=True).stdout
        # Of three bands, vips flatten would take the last for transparency.
        vips("flatten", second, third, "--background", "255") if int(bands) == 4 else vips("copy", second, third)
        vips("rawsave", third, raw)
        return numpy.fromfile(raw, numpy.uint8).reshape(HEIGHT, WIDTH, 3)


READERS = {"Pillow": by_pillow, "OpenSlide": by_openslide, "libvips": by_libvips}


def described(name: str, content: bytes, readers: str, expected: numpy.ndarray | None) -> dict:
    """Whose pixels the file has: of each reader, and of the picture that was packed where no loss is allowed."""
    found = {} if expected is None else {"the picture that was packed": expected}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.tif"
        path.write_bytes(content)
        for reader in readers.split():
            found[reader] = READERS[reader](path)
    first = next(iter(found.values()))
    for witness, pixels in found.items():
        if not numpy.array_equal(first, pixels):
            sys.exit(f"{name}: {witness} reads other pixels than {next(iter(found))}")
    digest = hashlib.sha256(first.astype(numpy.uint8).tobytes()).hexdigest()
    file = base64.b64encode(content).decode()
    return {"name": name, "witnesses": ", ".join(found), "sha256": digest, "file": file}


def plain_rows() -> list[dict]:
    picture, rows = waves(3), []
    deep = picture.astype(numpy.uint16) * 256 + 77
    alpha = numpy.where(waves(1) > 128, 255, 0).astype(numpy.uint8)
    clear = numpy.concatenate([picture, alpha], -1)
    on_white = numpy.where(alpha == 255, picture, 255)
    for compression, name in {NONE: "uncompressed", LZW: "LZW", DEFLATE: "deflate", PACKBITS: "PackBits", OLD_DEFLATE: "deflate (32946)", ZSTD: "zstd"}.items():
        for apart in (False, True):
            # Debian's libvips reads no planes apart in tiles.
            vips = "" if apart else " libvips"
            for predictor in (1, 2) if compression in (LZW, DEFLATE, OLD_DEFLATE, ZSTD) else (1,):
                words = f"{name}{', predictor' if predictor == 2 else ''}{', planes apart' if apart else ''}"
                pack = lambda tile: plain(tile, compression, predictor)
                content = file_of(picture, compression, RGB, pack, apart, tags={317: predictor})
                rows.append(described(f"RGB, {words}", content, f"Pillow{vips}", picture))
                if predictor == 2 or compression == NONE:
                    content = file_of(deep, compression, RGB, pack, apart, tags={317: predictor})
                    rows.append(described(f"RGB of 16 bits, {words}", content, vips, picture))
    pack = lambda tile: plain(tile, LZW)
    for kind, extra in {"stated": {338: 2}, "not stated": {338: 0}, "without the tag": {}}.items():
        content = file_of(clear, LZW, RGB, pack, tags=extra)
        rows.append(described(f"RGB with transparency, {kind}", content, "libvips", on_white))
    content = file_of(clear, LZW, RGB, pack, True, tags={338: 2})
    rows.append(described("RGB with transparency, planes apart", content, "", on_white))
    associated = numpy.where(alpha == 255, clear, 0)
    rows.append(described("RGB with associated transparency", file_of(associated, LZW, RGB, pack, tags={338: 1}), "libvips", on_white))
    grey = picture[..., :1]
    thrice = numpy.repeat(grey, 3, -1)
    rows.append(described("grey", file_of(grey, LZW, GREY, pack), "Pillow libvips", thrice))
    rows.append(described("grey, white is zero", file_of(255 - grey, LZW, WHITE_IS_ZERO, pack), "libvips", thrice))
    rows.append(described("grey of 16 bits", file_of(deep[..., :1], LZW, GREY, pack), "libvips", thrice))
    with_alpha = file_of(numpy.concatenate([grey, alpha], -1), LZW, GREY, pack, tags={338: 2})
    rows.append(described("grey with transparency", with_alpha, "libvips", numpy.where(alpha == 255, thrice, 255)))
    reverse = lambda tile: bytes(int(f"{byte:08b}"[::-1], 2) for byte in plain(tile, LZW))
    rows.append(described("RGB, bits of each byte reversed", file_of(picture, LZW, RGB, reverse, tags={266: 2}), "Pillow libvips", picture))
    return rows


def palette_rows() -> list[dict]:
    rows = []
    for bits in (1, 2, 4, 8):
        indices = waves(1) >> (8 - bits)
        colours = (numpy.arange(3 << bits) * 257 * 37) % 65536
        expected = (colours.reshape(3, -1) >> 8)[:, indices[..., 0]].transpose(1, 2, 0)
        pack = lambda tile: plain(tile, DEFLATE, bits=bits)
        content = file_of(indices, DEFLATE, PALETTE, pack, bits=bits, tags={320: colours.tolist()})
        rows.append(described(f"palette of {bits} bits", content, "Pillow libvips", expected))
    return rows


def jpeg_rows() -> list[dict]:
    picture, rows = waves(3), []
    for subsampling, factors in enumerate([[1, 1], [2, 1], [2, 2]]):
        content = file_of(picture, JPEG, YCBCR, lambda tile: jpeg(tile, subsampling), tags={530: factors})
        rows.append(described(f"YCbCr as JPEG, chroma {factors[0]} x {factors[1]}", content, "Pillow libvips OpenSlide", None))
    rows.append(described("RGB as JPEG, planes apart", file_of(picture, JPEG, RGB, jpeg, True), "Pillow OpenSlide", None))
    rows.append(described("grey as JPEG", file_of(picture[..., :1], JPEG, GREY, jpeg), "Pillow libvips", None))
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(picture).save(f"{folder}/in.png")
        options = ["--tile", "--tile-width", str(TILE), "--tile-height", str(TILE), "--compression", "jpeg", "--Q", "95"]
        subprocess.run(["vips", "tiffsave", f"{folder}/in.png", f"{folder}/out.tif", *options], check=True)
        rows.append(described("RGB as JPEG, tables apart", Path(f"{folder}/out.tif").read_bytes(), "Pillow libvips OpenSlide", None))
    return rows


def other_rows() -> list[dict]:
    picture, rows = waves(3), []
    for compression in (APERIO_YCC, APERIO_RGB, JP2K):
        apart = file_of(picture, compression, RGB, jpeg2000, True)
        rows.append(described(f"RGB as JPEG 2000 ({compression}), planes apart", apart, "", picture))
        together = file_of(picture, compression, RGB, jpeg2000)
        rows.append(described(f"RGB as JPEG 2000 ({compression})", together, "", picture))
    jp2 = file_of(picture, JP2K, RGB, lambda tile: jpeg2000(tile, "jp2"))
    rows.append(described("RGB as JPEG 2000, each tile a JP2 file", jp2, "", picture))
    grey = numpy.repeat(picture[..., :1], 3, -1)
    rows.append(described("grey as JPEG 2000", file_of(picture[..., :1], JP2K, GREY, jpeg2000), "", grey))
    rows.append(described("RGB as WebP", file_of(picture, WEBP, RGB, webp), "Pillow libvips", picture))
    return rows


def main() -> None:
    write("tiff", {"width": WIDTH, "height": HEIGHT, "files": [*plain_rows(), *palette_rows(), *jpeg_rows(), *other_rows()]})


if __name__ == "__main__":
    main()
