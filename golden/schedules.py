"""The learning rate of each of the first steps under PyTorch's schedulers -> values/schedules.json."""

import torch
from common.output import write
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, OneCycleLR, StepLR

STEPS = 50


def inverse(decay: float):
    """Keras's decay: lr / (1 + decay * it)."""
    return lambda iteration: 1 / (1 + decay * iteration)


CASES = [
    ("constant", "LambdaLR", 0.01, {}, lambda o: LambdaLR(o, lambda _: 1.0)),
    ("inverseDecayOfTutorial", "LambdaLR", 0.01, {"decay": 0.01 / 40}, lambda o: LambdaLR(o, inverse(0.01 / 40))),
    ("inverseDecayStrong", "LambdaLR", 0.01, {"decay": 0.5}, lambda o: LambdaLR(o, inverse(0.5))),
    ("step", "StepLR", 0.1, {"stepSize": 12, "gamma": 0.3}, lambda o: StepLR(o, 12, 0.3)),
    ("cosine", "CosineAnnealingLR", 0.1, {"totalSteps": 50, "minimum": 0.0}, lambda o: CosineAnnealingLR(o, 50, 0.0)),
    ("oneCycle", "OneCycleLR", 0.1, {"totalSteps": 50}, lambda o: one_cycle(o, 50)),
    ("oneCycleOfOddLength", "OneCycleLR", 0.1, {"totalSteps": 37}, lambda o: one_cycle(o, 37)),
]


def one_cycle(optimizer: torch.optim.Optimizer, total_steps: int) -> OneCycleLR:
    return OneCycleLR(
        optimizer,
        max_lr=0.1,
        total_steps=total_steps,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=False,
        div_factor=25.0,
        final_div_factor=1e4,
    )


def rates(learning_rate: float, make, steps: int) -> list[float]:
    """The rate used by update 0, 1, ...: read before optimizer.step(), the scheduler stepped after it."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=learning_rate)
    scheduler = make(optimizer)
    used = []
    for step in range(steps):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < steps:
            scheduler.step()
    return used


def check_inverse_decay() -> None:
    """The second witness of Keras's decay: the lr_decay of torch.optim.Adagrad, seen in its step on a gradient of 1."""
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.Adagrad([parameter], lr=0.01, lr_decay=0.5, initial_accumulator_value=0.0, eps=0.0)
    for step, rate in enumerate(rates(0.01, lambda o: LambdaLR(o, inverse(0.5)), STEPS)):
        before = float(parameter)
        parameter.grad = torch.ones(1, dtype=torch.float64)
        optimizer.step()
        moved = (before - float(parameter)) * (step + 1) ** 0.5
        if abs(moved - rate) > 1e-12:
            raise AssertionError(f"inverse decay at step {step}: {moved} and {rate} disagree")


def main() -> None:
    check_inverse_decay()
    cases = []
    for name, scheduler, learning_rate, options, make in CASES:
        steps = min(STEPS, options.get("totalSteps", STEPS))
        if scheduler == "OneCycleLR":
            options = options | {"warmUpShare": 0.3, "divFactor": 25.0, "finalDivFactor": 1e4}
        cases.append(
            {
                "name": name,
                "scheduler": f"torch.optim.lr_scheduler.{scheduler}",
                "learningRate": learning_rate,
                "options": options,
                "rates": rates(learning_rate, make, steps),
            }
        )
    write("schedules", {"cases": cases}, digits=14)


if __name__ == "__main__":
    main()
