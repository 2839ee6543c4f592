"""Ten steps of each optimizer of torch.optim on a small non-convex function -> values/optimizers.json."""

import torch
from common.hashing import short
from common.output import write

SIZE = 7
STEPS = 10

ADAGRAD = {"lr": 0.1, "initial_accumulator_value": 0.1, "eps": 1e-7}
CASES = [
    ("adagrad", torch.optim.Adagrad, ADAGRAD),
    ("adagradFromZero", torch.optim.Adagrad, ADAGRAD | {"initial_accumulator_value": 0.0}),
    ("adagradInverseDecay", torch.optim.Adagrad, ADAGRAD | {"lr_decay": 0.25}),
    ("adagradWeightDecay", torch.optim.Adagrad, ADAGRAD | {"weight_decay": 0.01}),
    ("sgd", torch.optim.SGD, {"lr": 0.1}),
    ("sgdWeightDecay", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.01}),
    ("momentum", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": False}),
    ("momentumWeightDecay", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": False, "weight_decay": 0.01}),
    ("adam", torch.optim.Adam, {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8}),
    ("adamWeightDecay", torch.optim.Adam, {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}),
    ("adamw", torch.optim.AdamW, {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}),
    ("adamwStrongDecay", torch.optim.AdamW, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.5}),
]


def problem() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A symmetric [7, 7], b [7] and the start p [7]; all exact in float32."""
    half = torch.from_numpy(short(3100, (SIZE, SIZE)))
    matrix = (half + half.t()) / 2 + torch.eye(SIZE, dtype=torch.float64)
    return matrix, torch.from_numpy(short(3101, (SIZE,))), torch.from_numpy(short(3102, (SIZE,), scale=2.0))


def trajectory(optimizer_class: type, options: dict, dtype: torch.dtype) -> list[list[float]]:
    """The parameters after each step, for the gradient A p - b + sin(p)."""
    matrix, target, start = (tensor.to(dtype) for tensor in problem())
    parameter = torch.nn.Parameter(start.clone())
    optimizer = optimizer_class([parameter], **options)
    visited = []
    for _ in range(STEPS):
        point = parameter.detach()
        parameter.grad = matrix @ point - target + torch.sin(point)
        optimizer.step()
        visited.append(parameter.detach().double().tolist())
    return visited


def case(name: str, optimizer_class: type, options: dict) -> dict:
    exact = trajectory(optimizer_class, options, torch.float64)
    single = trajectory(optimizer_class, options, torch.float32)
    error = (torch.tensor(single).double() - torch.tensor(exact, dtype=torch.float64)).abs().max()
    return {
        "name": name,
        "optimizer": f"torch.optim.{optimizer_class.__name__}",
        "options": options,
        "parametersAfterStep": exact,
        "float32Error": float(f"{float(error):.2g}"),
    }


def main() -> None:
    torch.set_num_threads(1)
    matrix, target, start = problem()
    write(
        "optimizers",
        {
            "gradient": "matrix . p - target + sin(p)",
            "matrix": matrix.tolist(),
            "target": target.tolist(),
            "start": start.tolist(),
            "cases": [case(*row) for row in CASES],
        },
        digits=14,
    )


if __name__ == "__main__":
    main()
