"""Numbers that Python and TypeScript can both make: a hash of (tensor number, element number), in place of files of weights."""

import numpy

GRADIENT_PROBE = 5000
"""Digests take the dot product with `centred(GRADIENT_PROBE + i, n)`, i the tensor's place in the list of names."""


def hash32(tensor: int, length: int) -> numpy.ndarray:
    """The 32-bit hashes of elements 0 .. length-1 of a tensor: uint32 [length].

    Two different odd constants spread element and tensor number; the rest is the finalizer of MurmurHash3 (Appleby 2011),
    every operation modulo 2^32.
    """
    element = numpy.arange(length, dtype=numpy.uint64)
    start = numpy.uint64(((tensor + 1) * 40503 * 65537 + 12345) % 2**32)
    h = (element * numpy.uint64(2654435761) + start).astype(numpy.uint32)
    h ^= h >> numpy.uint32(16)
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> numpy.uint32(13)
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> numpy.uint32(16)
    return h


def centred(tensor: int, length: int) -> numpy.ndarray:
    """The hashes as numbers in [-0.5, 0.5): float64 [length]."""
    return hash32(tensor, length) / 2.0**32 - 0.5


def short(tensor: int, shape: tuple[int, ...], scale: float = 1.0) -> numpy.ndarray:
    """Numbers in about [-scale, scale] that are multiples of scale/128, so exact in float32 and short in JSON."""
    length = int(numpy.prod(shape))
    return (numpy.round(centred(tensor, length) * 256) * (scale / 128)).reshape(shape)


def pixels(tensor: int, shape: tuple[int, ...]) -> numpy.ndarray:
    """The lowest byte of each hash, as uint8 of the given shape."""
    return (hash32(tensor, int(numpy.prod(shape))) & numpy.uint32(255)).astype(numpy.uint8).reshape(shape)
