"""Digests: a long vector as its norm, sum, dot product with a hash vector and 16 samples, with float32's own error."""

import numpy
import torch

from common.hashing import GRADIENT_PROBE, centred

SAMPLES = 16


def error32(exact: torch.Tensor, singles: list[torch.Tensor]) -> dict:
    """How far PyTorch's float32 runs lie from its float64 run: Euclidean norm and largest element of the worst, 2 digits."""
    differences = [(single.double() - exact).flatten() for single in singles]
    return {
        "l2": _two_digits(max(float(difference.norm()) for difference in differences)),
        "max": _two_digits(max(float(difference.abs().max()) for difference in differences)),
    }


def digest(index: int, exact: torch.Tensor, singles: list[torch.Tensor]) -> dict:
    """The digest of a flat float64 vector, tensor number `index`, and the error of its float32 twins."""
    length = len(exact)
    probe = torch.from_numpy(centred(GRADIENT_PROBE + index, length))
    places = numpy.arange(SAMPLES) * length // SAMPLES
    return {
        "norm": float(exact.norm()),
        "sum": float(exact.sum()),
        "dot": float(exact @ probe),
        "samples": exact[torch.from_numpy(places)].tolist(),
        "float32Error": error32(exact, singles),
    }


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
