"""Small DICOM slides written by pydicom, and their pixels as pydicom and Pillow read them: writes golden/values/dicom.json.

Needs Debian's python3-pydicom, python3-pil and libopenjp2-tools (opj_compress). The pictures are waves. Frames are taken out by
pydicom and decoded by Pillow (libjpeg-turbo, OpenJPEG); frames without loss must be the picture itself.
"""

import base64
import hashlib
import io
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import generate_pixel_data_frame
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from common.output import write

SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
JPEG, JPEG2000_LOSSLESS, JPEG2000 = (f"1.2.840.10008.1.2.4.{number}" for number in (50, 90, 91))
TILE = 16


def waves(height: int, width: int) -> numpy.ndarray:
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [128 + 110 * numpy.sin(x / (9 + c) + y / (17 - c)) * numpy.cos(y / (11 + 2 * c)) for c in range(3)]
    return numpy.round(numpy.stack(planes, axis=-1)).astype(numpy.uint8)


def tiles(pixels: numpy.ndarray) -> list[numpy.ndarray]:
    """Row by row, the last ones filled up with their last pixels."""
    height, width = pixels.shape[:2]
    padded = numpy.pad(pixels, ((0, -height % TILE), (0, -width % TILE), (0, 0)), mode="edge")
    return [padded[y : y + TILE, x : x + TILE] for y in range(0, height, TILE) for x in range(0, width, TILE)]


def jpeg(tile: numpy.ndarray, colours: str) -> bytes:
    """In YCbCr 4:2:0 without any note of the colours, or in RGB with Adobe's."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "tile.ppm"
        Image.fromarray(tile.squeeze()).save(picture)
        options = ["-rgb"] if colours == "RGB" else ["-grayscale"] if colours == "grey" else ["-sample", "2x2"]
        whole = subprocess.run(["cjpeg", "-quality", "85", *options, picture], check=True, capture_output=True).stdout
    at = whole.find(b"\xff\xe0")
    return whole if colours == "RGB" else whole[:at] + whole[at + 2 + struct.unpack(">H", whole[at + 2 : at + 4])[0] :]


def jpeg2000(tile: numpy.ndarray, options: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        picture, out = Path(folder) / "tile.ppm", Path(folder) / "tile.j2k"
        Image.fromarray(tile).save(picture)
        subprocess.run(["opj_compress", "-i", picture, "-o", out, *options], check=True, capture_output=True)
        return out.read_bytes()


def items(frames: list[bytes], table: bytes) -> bytes:
    padded = [frame + b"\0" * (len(frame) % 2) for frame in frames]
    return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part for part in [table, *padded])


def offsets(frames: list[bytes]) -> list[int]:
    starts = [0]
    for frame in frames:
        starts.append(starts[-1] + 8 + len(frame) + len(frame) % 2)
    return starts[:-1]


def instance(name: str, pixels: numpy.ndarray, frames: list[bytes], syntax: str, photometric: str, **more) -> bytes:
    """A file of one level. `more`: table, series, kind (of the picture), places (of frames), part (of a concatenation), planes."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SLIDE
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name])
    meta.TransferSyntaxUID = syntax
    data = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
    data.is_little_endian, data.is_implicit_VR = True, syntax == IMPLICIT
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = SLIDE, meta.MediaStorageSOPInstanceUID, "SM"
    data.SeriesInstanceUID = generate_uid(entropy_srcs=[more.get("series", name)])
    data.ImageType = ["DERIVED", "PRIMARY", more.get("kind", "VOLUME"), "NONE"]
    data.Rows, data.Columns, data.NumberOfFrames = TILE, TILE, len(frames)
    data.TotalPixelMatrixRows, data.TotalPixelMatrixColumns = pixels.shape[:2]
    data.SamplesPerPixel, data.PhotometricInterpretation = pixels.shape[2], photometric
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    if pixels.shape[2] == 3:
        data.PlanarConfiguration = int(more.get("planes", False))
    # An element that nobody reads, with a sequence in it that states no length.
    path = Dataset()
    path.OpticalPathIdentifier, path.ICCProfile = "1", b"\1\2" * 200
    data.OpticalPathSequence = Sequence([path])
    data.OpticalPathSequence.is_undefined_length = True
    path.is_undefined_length_sequence_item = True
    data.NumberOfOpticalPaths, data.TotalPixelMatrixFocalPlanes = 1, 1
    measures, groups = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.000499", "0.0005"], "0.004"
    groups.PixelMeasuresSequence = Sequence([measures])
    data.SharedFunctionalGroupsSequence = Sequence([groups])
    if "places" in more:
        data.DimensionOrganizationType = "TILED_SPARSE"
        data.PerFrameFunctionalGroupsSequence = Sequence([placed(*place) for place in more["places"]])
    else:
        data.DimensionOrganizationType = "TILED_FULL"
    if "part" in more:
        uid, number, count, first = more["part"]
        data.ConcatenationUID, data.InConcatenationNumber = generate_uid(entropy_srcs=[uid]), number
        data.InConcatenationTotalNumber, data.ConcatenationFrameOffsetNumber = count, first
    if syntax in (IMPLICIT, EXPLICIT):
        data.PixelData = b"".join(frames)
        data["PixelData"].VR = "OB"
    else:
        table = more.get("table", "basic")
        if table == "extended":
            data.ExtendedOffsetTable = struct.pack(f"<{len(frames)}Q", *offsets(frames))
            data.ExtendedOffsetTableLengths = struct.pack(f"<{len(frames)}Q", *[len(frame) for frame in frames])
        basic = struct.pack(f"<{len(frames)}I", *offsets(frames)) if table == "basic" else b""
        data.PixelData = items(frames, basic) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        data["PixelData"].VR = "OB"
        data["PixelData"].is_undefined_length = True
    out = io.BytesIO()
    pydicom.dcmwrite(out, data, write_like_original=False)
    return out.getvalue()


def placed(column: int, row: int) -> Dataset:
    plane, groups = Dataset(), Dataset()
    plane.XOffsetInSlideCoordinateSystem, plane.YOffsetInSlideCoordinateSystem = "20", "40"
    plane.ZOffsetInSlideCoordinateSystem = "0"
    plane.ColumnPositionInTotalImagePixelMatrix = 1 + column * TILE
    plane.RowPositionInTotalImagePixelMatrix = 1 + row * TILE
    groups.PlanePositionSlideSequence = Sequence([plane])
    return groups


def read(content: list[bytes]) -> numpy.ndarray:
    """A level from the files that it is in: [height, width, 3], white where there is no frame."""
    sets = [pydicom.dcmread(io.BytesIO(part)) for part in content]
    first = sets[0]
    height, width = first.TotalPixelMatrixRows, first.TotalPixelMatrixColumns
    across = -(-width // TILE)
    canvas = numpy.full((-(-height // TILE) * TILE, across * TILE, 3), 255, numpy.uint8)
    for data in sets:
        start = getattr(data, "ConcatenationFrameOffsetNumber", 0)
        for index, frame in enumerate(frames_of(data)):
            column, row = (start + index) % across, (start + index) // across
            if "PerFrameFunctionalGroupsSequence" in data:
                plane = data.PerFrameFunctionalGroupsSequence[index].PlanePositionSlideSequence[0]
                column = (plane.ColumnPositionInTotalImagePixelMatrix - 1) // TILE
                row = (plane.RowPositionInTotalImagePixelMatrix - 1) // TILE
            canvas[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE] = frame
    return canvas[:height, :width]


def frames_of(data: FileDataset) -> list[numpy.ndarray]:
    if not data.file_meta.TransferSyntaxUID.is_encapsulated:
        pixels = data.pixel_array.reshape(data.NumberOfFrames, TILE, TILE, -1)
        pixels = 255 - pixels if data.PhotometricInterpretation == "MONOCHROME1" else pixels
        return [numpy.broadcast_to(frame, (TILE, TILE, 3)) for frame in pixels]
    packed = generate_pixel_data_frame(data.PixelData, data.NumberOfFrames)
    return [numpy.asarray(Image.open(io.BytesIO(frame)).convert("RGB")) for frame in packed]


def main() -> None:
    full, half = waves(35, 50), waves(35, 50)[::2, ::2]
    grey = full[..., :1]
    rows: list[dict] = []

    def add(name: str, levels: list[list[bytes]], others: list[bytes] = [], exact: numpy.ndarray | None = None) -> None:
        found = [read(level) for level in levels]
        if exact is not None and not numpy.array_equal(found[0], numpy.broadcast_to(exact, found[0].shape)):
            raise SystemExit(f"{name}: pydicom does not read the picture that was written")
        files = [part for level in levels for part in level] + others
        rows.append({
            "name": name,
            "files": [base64.b64encode(file).decode() for file in files],
            "levels": [
                {"width": level.shape[1], "height": level.shape[0], "sha256": hashlib.sha256(level.tobytes()).hexdigest()}
                for level in found
            ],
        })

    def made(name: str, pixels: numpy.ndarray, syntax: str, photometric: str, pack, **more) -> bytes:
        return instance(name, pixels, [pack(tile) for tile in tiles(pixels)], syntax, photometric, **more)

    ycbcr = lambda tile: jpeg(tile, "YCbCr")
    series = {"series": "one"}
    add(
        "JPEG, a series of two levels and a label",
        [[made("1", full, JPEG, "YBR_FULL_422", ycbcr, **series)], [made("2", half, JPEG, "YBR_FULL_422", ycbcr, **series)]],
        [made("3", half[:TILE, :TILE], JPEG, "YBR_FULL_422", ycbcr, kind="LABEL", **series)],
    )
    add("JPEG in RGB, without a table of frames", [[made("4", full, JPEG, "RGB", lambda tile: jpeg(tile, "RGB"), table="none")]])
    add("JPEG, grey", [[made("5", grey, JPEG, "MONOCHROME2", lambda tile: jpeg(tile, "grey"))]])
    lossless, lossy = ["-n", "3", "-mct", "1"], ["-n", "3", "-I", "-r", "8", "-mct", "1"]
    add(
        "JPEG 2000, lossless, with an extended table",
        [[made("6", full, JPEG2000_LOSSLESS, "YBR_RCT", lambda tile: jpeg2000(tile, lossless), table="extended")]],
        exact=full,
    )
    add("JPEG 2000, lossy", [[made("7", full, JPEG2000, "YBR_ICT", lambda tile: jpeg2000(tile, lossy))]])
    add("uncompressed", [[made("8", full, EXPLICIT, "RGB", lambda tile: tile.tobytes())]], exact=full)
    add(
        "uncompressed, in planes",
        [[made("9", full, EXPLICIT, "RGB", lambda tile: tile.transpose(2, 0, 1).tobytes(), planes=True)]],
        exact=full,
    )
    add("uncompressed, implicit", [[made("10", full, IMPLICIT, "RGB", lambda tile: tile.tobytes())]], exact=full)
    add("white is zero", [[made("11", 255 - grey, EXPLICIT, "MONOCHROME1", lambda tile: tile.tobytes())]], exact=grey)
    places = [(3, 2), (0, 0), (2, 1), (1, 0)]
    some = [tiles(full)[row * 4 + column].tobytes() for column, row in places]
    add("sparse", [[instance("12", full, some, EXPLICIT, "RGB", places=places)]])
    packed = [ycbcr(tile) for tile in tiles(full)]
    halves = [("c", 1, 2, 0), ("c", 2, 2, 5)]
    add(
        "a level in two files",
        [[
            instance("13", full, packed[:5], JPEG, "YBR_FULL_422", series="c", part=halves[0]),
            instance("14", full, packed[5:], JPEG, "YBR_FULL_422", series="c", part=halves[1]),
        ]],
    )
    write("dicom", {"micronsPerPixel": 0.5, "slides": rows})


if __name__ == "__main__":
    main()
