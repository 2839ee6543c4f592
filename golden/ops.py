"""Single operations of PyTorch at odd sizes, forward and backward, as whole small tensors -> values/ops.json."""

from collections.abc import Callable

import torch
from common.hashing import short
from common.output import write
from torch.nn import functional

Operation = Callable[..., torch.Tensor]

# name, operation, shapes of its inputs by name.
CASES: list[tuple[str, Operation, dict[str, tuple[int, ...]]]] = [
    (
        "depthwiseConv3x3Same",
        lambda x, weight: functional.conv2d(x, weight, padding=1, groups=3),
        {"x": (2, 3, 5, 7), "weight": (3, 1, 3, 3)},
    ),
    (
        "groupedConv3x3Valid",
        lambda x, weight, bias: functional.conv2d(x, weight, bias, groups=2),
        {"x": (2, 4, 5, 6), "weight": (6, 2, 3, 3), "bias": (6,)},
    ),
    ("pointwiseConv", functional.conv2d, {"x": (2, 3, 3, 5), "weight": (5, 3, 1, 1), "bias": (5,)}),
    ("linear", lambda x, weight, bias: x @ weight + bias, {"x": (3, 7), "weight": (7, 5), "bias": (5,)}),
    ("relu", functional.relu, {"x": (3, 7)}),
    ("maxPool2", lambda x: functional.max_pool2d(x, 2), {"x": (2, 2, 5, 7)}),
    ("maxPool2Ties", lambda x: functional.max_pool2d(x, 2), {"x": (1, 2, 6, 8)}),
    (
        "batchNormTraining2d",
        lambda x, scale, offset: functional.batch_norm(x, None, None, scale, offset, training=True, eps=1e-3),
        {"x": (3, 4, 3, 5), "scale": (4,), "offset": (4,)},
    ),
    (
        "batchNormTraining1d",
        lambda x, scale, offset: functional.batch_norm(x, None, None, scale, offset, training=True, eps=1e-3),
        {"x": (5, 6), "scale": (6,), "offset": (6,)},
    ),
    ("softmax", lambda x: functional.softmax(x, 1), {"x": (4, 3)}),
    ("logSoftmax", lambda x: functional.log_softmax(x, 1), {"x": (4, 3)}),
]


def inputs_of(name: str, index: int, shapes: dict) -> dict[str, torch.Tensor]:
    """Inputs that are exact in float32; those of the tie case hold only 0, 1 and 2."""
    values = {}
    for place, (key, shape) in enumerate(shapes.items()):
        value = torch.from_numpy(short(4000 + 10 * index + place, shape, scale=2.0))
        values[key] = (value.abs().round() if name == "maxPool2Ties" else value).requires_grad_()
    return values


def case(index: int, name: str, operation: Operation, shapes: dict) -> dict:
    """The output for the inputs, and the gradient of sum(output * outputGradient) with respect to each input."""
    inputs = inputs_of(name, index, shapes)
    output = operation(*inputs.values())
    output_gradient = torch.from_numpy(short(4000 + 10 * index + 9, tuple(output.shape)))
    gradients = torch.autograd.grad(output, list(inputs.values()), output_gradient)
    return {
        "name": name,
        "inputs": {key: tensor(value) for key, value in inputs.items()},
        "output": tensor(output),
        "outputGradient": tensor(output_gradient),
        "inputGradients": {key: tensor(value) for key, value in zip(inputs, gradients)},
    }


def tensor(value: torch.Tensor) -> dict:
    return {"shape": list(value.shape), "values": value.detach().flatten().tolist()}


def main() -> None:
    torch.set_num_threads(1)
    cases = [case(index, *row) for index, row in enumerate(CASES)]
    write("ops", {"cases": cases}, digits=12)


if __name__ == "__main__":
    main()
