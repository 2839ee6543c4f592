"""CancerNet in PyTorch, as the Keras tutorial builds it, and the table of its tensors by our names."""

from math import sqrt
from typing import NamedTuple

import torch
from torch import nn

from common.hashing import centred

BLOCKS = [[32], [64, 64], [128, 128, 128]]
"""Output channels of the convolutions of each block."""


class SeparableConv(nn.Module):
    """A depthwise 3x3 convolution (same padding, no bias), then a pointwise one with a bias."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.pointwise(self.depthwise(x))


class CancerNet(nn.Module):
    """float [N, 3, 48, 48] -> logits [N, 2]. BN stands after ReLU; eps 1e-3, Keras momentum .99 = PyTorch's .01."""

    def __init__(self, dropout: bool):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for widths in BLOCKS:
            for width in widths:
                layers += [SeparableConv(channels, width), nn.ReLU(), nn.BatchNorm2d(width, 1e-3, 0.01)]
                channels = width
            layers += [nn.MaxPool2d(2), nn.Dropout(0.25 if dropout else 0.0)]
        layers += [nn.Flatten(), nn.Linear(channels * 6 * 6, 256), nn.ReLU(), nn.BatchNorm1d(256, 1e-3, 0.01)]
        layers += [nn.Dropout(0.5 if dropout else 0.0), nn.Linear(256, 2)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def weighted_loss(logits: torch.Tensor, labels: torch.Tensor, class_weights: torch.Tensor) -> torch.Tensor:
    """sum_i w[y_i] * crossentropy_i / N: Keras's class_weight divides by the batch size, not by the sum of the weights."""
    losses = nn.functional.cross_entropy(logits, labels, reduction="none")
    return (class_weights[labels] * losses).sum() / len(labels)


class Named(NamedTuple):
    """One tensor of the network: value = base + scale * centred(index, ...) at the start."""

    name: str
    tensor: torch.Tensor
    trainable: bool
    transposed: bool
    base: float
    scale: float

    def flat(self, gradient: bool = False) -> torch.Tensor:
        """The values (or the gradient) in our order of elements, float64 [length]."""
        tensor = self.tensor.grad if gradient else self.tensor.detach()
        return (tensor.t() if self.transposed else tensor).double().flatten()

    def shape(self) -> list[int]:
        """Our shape: dense weights are [inputs, outputs], the transpose of PyTorch's."""
        return list(self.tensor.t().shape if self.transposed else self.tensor.shape)


def named_tensors(model: CancerNet) -> list[Named]:
    """Every tensor in the order in which it is numbered."""
    found: list[Named] = []

    def add(name: str, tensor: torch.Tensor, base: float, scale: float) -> None:
        transposed = name in ("dense1.weight", "dense2.weight")
        # Nine decimals, so that the JSON carries the very number that is used here.
        found.append(Named(name, tensor, isinstance(tensor, nn.Parameter), transposed, base, round(scale, 9)))

    counts = {"conv": 0, "norm": 0, "dense": 0}
    for layer in model.layers:
        kind = {SeparableConv: "conv", nn.BatchNorm2d: "norm", nn.BatchNorm1d: "norm", nn.Linear: "dense"}.get(type(layer))
        if kind is None:
            continue
        counts[kind] += 1
        name = f"{kind}{counts[kind]}"
        if isinstance(layer, SeparableConv):
            outputs, inputs = layer.pointwise.weight.shape[:2]
            add(f"{name}.depthwise.weight", layer.depthwise.weight, 0.0, 2 * sqrt(6 / (9 + 9)))
            add(f"{name}.pointwise.weight", layer.pointwise.weight, 0.0, 2 * sqrt(6 / (inputs + outputs)))
            add(f"{name}.pointwise.bias", layer.pointwise.bias, 0.0, 0.1)
        elif isinstance(layer, nn.Linear):
            add(f"{name}.weight", layer.weight, 0.0, 2 * sqrt(6 / (layer.in_features + layer.out_features)))
            add(f"{name}.bias", layer.bias, 0.0, 0.1)
        else:
            add(f"{name}.scale", layer.weight, 1.0, 0.2)
            add(f"{name}.offset", layer.bias, 0.0, 0.1)
            add(f"{name}.mean", layer.running_mean, 0.0, 0.1)
            add(f"{name}.variance", layer.running_var, 1.0, 0.4)
    return found


def hashed_network(dtype: torch.dtype) -> tuple[CancerNet, list[Named]]:
    """CancerNet without dropout whose tensors hold the hash's numbers, rounded to float32 first in both precisions."""
    model = CancerNet(dropout=False).to(dtype)
    tensors = named_tensors(model)
    for index, item in enumerate(tensors):
        values = torch.from_numpy(item.base + item.scale * centred(index, item.tensor.numel())).float().to(dtype)
        shaped = values.reshape(item.shape())
        with torch.no_grad():
            item.tensor.copy_(shaped.t() if item.transposed else shaped)
    return model, tensors
