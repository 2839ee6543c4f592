"""The Python peer of prepare: zipfile, Pillow and numpy in a pool of processes, from a zip archive to the pack's layout."""

import argparse
import csv
import io
import os
import shutil
import sys
import zipfile
from multiprocessing import Pool
from pathlib import Path

from dialogue import serve

try:
    import numpy
    import PIL
    from PIL import Image
except ImportError as error:
    sys.exit(f"this Python lacks a library ({error}): install Debian's python3-numpy and python3-pil")

SIDE = 50
CHUNK = 64

archive: zipfile.ZipFile
records: numpy.memmap


def start_worker(zip_path: Path, pack: Path, count: int) -> None:
    global archive, records
    archive = zipfile.ZipFile(zip_path)
    records = numpy.memmap(pack, numpy.uint8, "r+", shape=(count, SIDE, SIDE, 3))


def convert(task: tuple[int, str]) -> tuple[int, int]:
    """Decodes a member into its record; gives the picture's size."""
    index, name = task
    image = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
    size = image.size
    if size != (SIDE, SIDE):
        image = image.resize((SIDE, SIDE), Image.NEAREST)
    records[index] = numpy.asarray(image)
    return size


def prepare(zip_path: Path, out: Path, processes: int) -> int:
    """Writes patches.bin and manifest.csv; gives the number of patches."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with zipfile.ZipFile(zip_path) as listing:
        names = sorted(name for name in listing.namelist() if name.endswith(".png"))
    pack = out / "patches.bin"
    with open(pack, "wb") as file:
        file.truncate(len(names) * SIDE * SIDE * 3)
    with Pool(processes, start_worker, (zip_path, pack, len(names))) as pool:
        sizes = pool.map(convert, enumerate(names), CHUNK)
    with open(pack, "rb+") as file:
        os.fsync(file.fileno())
    with open(out / "manifest.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "case", "class", "width", "height"])
        for name, size in zip(names, sizes):
            path = Path(name)
            table.writerow([path.stem, path.parts[0], path.parent.name, *size])
    return len(names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zip", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write, replaced at every step")
    parser.add_argument("--threads", type=int, default=2, help="processes")
    options = parser.parse_args()
    name = f"Python zipfile + Pillow + numpy, {options.threads} processes"
    versions = {"Pillow": PIL.__version__, "numpy": numpy.__version__}
    serve(name, versions, lambda count: sum(prepare(options.zip, options.out, options.threads) for _ in range(count)))


if __name__ == "__main__":
    main()
