"""Grad-CAM of CancerNet in PyTorch, and rank correlations in scipy -> values/explanation.json."""

import numpy
import torch
from cancernet import BATCH_SIZE, ROLLS, batch, both
from common.hashing import hash32, short
from common.network import hashed_network
from common.output import write
from scipy.stats import spearmanr
from torch import nn

RECTIFIERS = {"conv3": 9, "conv6": 20}
"""The place in the network of the rectifier behind a convolution."""
SHOWN = 2
"""Images whose maps are written."""


def grad_cam(layer: str, dtype: torch.dtype, roll: int = 0) -> torch.Tensor:
    """The map before its negative part is cut off (Selvaraju et al. 2017, equations 1 and 2), for the first images of batch 0."""
    network, _ = hashed_network(dtype)
    network.eval()
    place = RECTIFIERS[layer]
    if not isinstance(network.layers[place], nn.ReLU):
        raise AssertionError(f"no rectifier stands behind {layer}")
    with torch.no_grad():
        features = network.layers[: place + 1](batch(0, dtype, roll)[0])
    features.requires_grad_()
    scores = network.layers[place + 1 :](features)
    logits = scores[:, 1] - scores[:, 0]
    # Each image for itself, so that nothing rests on the images being apart.
    gradients = torch.stack(
        [torch.autograd.grad(logits[index], features, retain_graph=True)[0][index] for index in range(BATCH_SIZE)]
    )
    weights = gradients.mean((2, 3), keepdim=True)
    return (weights * features).sum(1).detach().roll(-roll, 0)[:SHOWN]


def maps(layer: str) -> dict:
    exact = grad_cam(layer, torch.float64)
    return {"layer": layer, "shape": list(exact.shape)} | both(
        exact.flatten(), [grad_cam(layer, torch.float32, roll).flatten() for roll in ROLLS]
    )


def rank_correlation(name: str, first: numpy.ndarray, second: numpy.ndarray) -> dict:
    value = float(spearmanr(first, second)[0])
    return {"name": name, "first": first.tolist(), "second": second.tolist(), "spearman": value}


def main() -> None:
    torch.set_num_threads(1)
    pair = [short(7000 + index, (12,)) for index in range(2)]
    tied = [(hash32(7002 + index, 15) % 4).astype(float) for index in range(2)]
    document = {
        "gradCam": [maps(layer) for layer in RECTIFIERS],
        "rankCorrelations": [
            rank_correlation("numbers", *pair),
            rank_correlation("ties", *tied),
            rank_correlation("one that follows", pair[0], pair[0] ** 3 + pair[0]),
        ],
    }
    write("explanation", document, digits=10)


if __name__ == "__main__":
    main()
