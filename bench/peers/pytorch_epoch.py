"""The PyTorch peer for epochs: from a pack in memory or from PNG files to the updated model, augmentation included.

It first tries its settings on a part of the patches, in turns, and keeps the fastest: how the augmentation is done, how many
workers the DataLoader has, the threads of the step, the memory layout.
"""

import argparse
import csv
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dialogue import serve

# Threads that wait must leave the cores to the loader's workers; this is read when PyTorch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
from training import VERSIONS, torch, training_step

try:
    import numpy
    import PIL
    import torchvision
    from PIL import Image
    from torchvision.transforms import InterpolationMode, transforms
except ImportError as error:
    sys.exit(f"this Python lacks a library ({error}): install Debian's python3-torchvision and python3-pil")

BATCH = 32
RECORD_SIDE, MODEL_SIDE = 50, 48
TRIAL_PATCHES = 256
TRIALS = 2
# The tutorial's ranges: degrees, share of the side, degrees, share of 1.
ROTATION, SHIFT, SHEAR, ZOOM = 20, 0.1, 0.05, 0.05


class Pack:
    """Patches in memory as uint8 [n, 50, 50, 3], from the folder of a prepared dataset."""

    def __init__(self, folder: Path):
        self.pixels = numpy.fromfile(folder / "patches.bin", numpy.uint8).reshape(-1, RECORD_SIDE, RECORD_SIDE, 3)
        with open(folder / "manifest.csv", newline="") as file:
            self.labels = numpy.array([int(row["class"]) for row in csv.DictReader(file)])

    def image(self, index: int) -> Image.Image:
        return Image.fromarray(self.pixels[index])

    def batch(self, indices: list[int]) -> numpy.ndarray:
        return self.pixels[indices]


class Files:
    """PNG files in a folder for each class, the folders anywhere below the root."""

    def __init__(self, folder: Path):
        self.paths = sorted(str(path) for path in folder.glob("**/[01]/*.png"))
        self.labels = numpy.array([int(Path(path).parent.name) for path in self.paths])

    def image(self, index: int) -> Image.Image:
        with Image.open(self.paths[index]) as image:
            return image.convert("RGB")

    def batch(self, indices: list[int]) -> numpy.ndarray:
        return numpy.stack([self.record(index) for index in indices])

    def record(self, index: int) -> numpy.ndarray:
        image = self.image(index)
        if image.size != (RECORD_SIDE, RECORD_SIDE):
            image = image.resize((RECORD_SIDE, RECORD_SIDE), Image.NEAREST)
        return numpy.asarray(image)


class Samples(torch.utils.data.Dataset):
    """A patch at a time, augmented by torchvision's transforms of PIL images; the loader makes batches of them."""

    def __init__(self, source: Pack | Files, indices: range):
        self.source, self.indices = source, indices
        self.transform = transforms.Compose(
            [
                transforms.Resize((MODEL_SIDE, MODEL_SIDE), InterpolationMode.NEAREST),
                transforms.RandomAffine(
                    ROTATION, (SHIFT, SHIFT), (1 - ZOOM, 1 + ZOOM), SHEAR, InterpolationMode.BILINEAR
                ),
                transforms.RandomHorizontalFlip(),
                transforms.RandomVerticalFlip(),
                transforms.ToTensor(),
            ]
        )

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.source.image(index)), int(self.source.labels[index])


class Batches(Samples):
    """A batch at a time, augmented as a whole by grid_sample, which resizes in the same pass."""

    def __getitem__(self, indices: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        pixels = torch.from_numpy(self.source.batch(indices))
        return move_batch(pixels), torch.from_numpy(self.source.labels[indices])


def move_batch(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 [n, 50, 50, 3] -> float [n, 3, 48, 48] in 0..1, each patch moved by a draw of its own."""
    count = len(pixels)
    draws = torch.rand(8, count) * 2 - 1
    angle, shear = draws[0] * math.radians(ROTATION), draws[1] * math.radians(SHEAR)
    zoom_x, zoom_y = 1 + draws[2] * ZOOM, 1 + draws[3] * ZOOM
    flip_x, flip_y = draws[4].sign(), draws[5].sign()
    cos, sin = angle.cos(), angle.sin()
    # rotation . shear . zoom . flip, then the shift in units where the side is 2 long.
    theta = torch.stack(
        [
            cos * zoom_x * flip_x,
            (-cos * shear.sin() - sin * shear.cos()) * zoom_y * flip_y,
            draws[6] * 2 * SHIFT,
            sin * zoom_x * flip_x,
            (-sin * shear.sin() + cos * shear.cos()) * zoom_y * flip_y,
            draws[7] * 2 * SHIFT,
        ],
        dim=1,
    ).view(count, 2, 3)
    functional = torch.nn.functional
    grid = functional.affine_grid(theta, [count, 3, MODEL_SIDE, MODEL_SIDE], align_corners=False)
    images = pixels.permute(0, 3, 1, 2).float()
    return functional.grid_sample(images, grid, "bilinear", "border", align_corners=False).mul_(1 / 255)


class Settings(NamedTuple):
    augment: str
    workers: int
    threads: int
    layout: str

    def name(self) -> str:
        return f"PyTorch {self.layout}, {self.augment}, {self.workers} workers, {self.threads} threads"


def make_loader(source: Pack | Files, indices: range, settings: Settings) -> torch.utils.data.DataLoader:
    data = torch.utils.data
    workers = {"num_workers": settings.workers, "persistent_workers": settings.workers > 0}
    if settings.augment == "torchvision":
        return data.DataLoader(Samples(source, indices), BATCH, shuffle=True, **workers)
    dataset = Batches(source, indices)
    order = data.BatchSampler(data.RandomSampler(dataset), BATCH, drop_last=False)
    return data.DataLoader(dataset, sampler=order, batch_size=None, **workers)


def make_epoch(source: Pack | Files, indices: range, settings: Settings) -> Callable[[], None]:
    counts = numpy.bincount(source.labels, minlength=2)
    step = training_step(settings.layout, [float(counts.max() / max(1, count)) for count in counts])
    loader = make_loader(source, indices, settings)

    def epoch() -> None:
        for images, labels in loader:
            step(images, labels)

    return epoch


def choose(source: Pack | Files, cores: int) -> Settings:
    """The fastest: first of the ways to share the cores, then of the augmentations and layouts."""
    few = max(1, cores - 1)
    pairs = sorted({(0, cores), (1, few), (max(1, cores // 2), few), (cores, max(1, cores // 2)), (cores, cores)})
    best = fastest(source, [Settings("grid_sample", *pair, "channels_last") for pair in pairs])
    others = [best._replace(layout="nchw"), best._replace(augment="torchvision")]
    others.append(Settings("torchvision", cores, cores, "channels_last"))
    return fastest(source, [best, *others])


def fastest(source: Pack | Files, candidates: list[Settings]) -> Settings:
    """Short epochs in turns, after one of each that starts the workers and warms up; each one's best counts."""
    indices = range(min(TRIAL_PATCHES, len(source.labels)))
    epochs = [make_epoch(source, indices, settings) for settings in candidates]
    seconds = [math.inf for _ in candidates]
    for trial in range(1 + TRIALS):
        for place, (epoch, settings) in enumerate(zip(epochs, candidates)):
            torch.set_num_threads(settings.threads)
            start = time.perf_counter()
            epoch()
            if trial > 0:
                seconds[place] = min(seconds[place], time.perf_counter() - start)
    return candidates[seconds.index(min(seconds))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, help="folder of a prepared dataset")
    parser.add_argument("--files", type=Path, help="folder of PNG files, a folder for each class below")
    parser.add_argument("--threads", type=int, default=2, help="cores to use")
    options = parser.parse_args()
    source = Pack(options.pack) if options.pack else Files(options.files)
    settings = choose(source, options.threads)
    torch.set_num_threads(settings.threads)
    indices = range(len(source.labels))
    epoch = make_epoch(source, indices, settings)

    def epochs(count: int) -> int:
        for _ in range(count):
            epoch()
        return count * len(indices)

    serve(settings.name(), VERSIONS | {"torchvision": torchvision.__version__, "Pillow": PIL.__version__}, epochs)


if __name__ == "__main__":
    main()
