"""CancerNet in PyTorch: inference, every gradient, and Adagrad steps -> values/cancernet.json."""

from typing import NamedTuple

import torch
from common.digest import digest, error32
from common.hashing import GRADIENT_PROBE, centred, hash32, pixels
from common.network import CancerNet, Named, hashed_network, named_tensors, weighted_loss
from common.output import write

BATCH_SIZE = 8
STEPS = 5
IMAGE_TENSOR = 1240
"""Chosen so that no ReLU of the first batch stands within 1e-6 of its kink, where rounding would decide the gradient."""
LABEL_TENSOR = 2000
CLASS_WEIGHTS = [1.0, 2.52]
EPSILON = 1e-7
ROLLS = (0, 3, 5)
"""Each float32 run sees the batch in another order: the same mathematics with other rounding, which shows rounding's size."""


class Recipe(NamedTuple):
    """A training of five steps. The tutorial's rate throws the weights about so far that float32 itself is lost after
    step 3; the gentle ones move them less, so that all five steps can be compared closely."""

    name: str
    learning_rate: float
    decay: float
    initial_accumulator: float
    digest_after: tuple[int, ...]


RECIPES = [
    Recipe("tutorial", 0.01, 0.01 / 40, 0.1, (1, 2)),
    Recipe("gentle", 1e-4, 0.25, 0.1, (5,)),
    Recipe("gentleFromZero", 1e-4, 0.25, 0.0, (5,)),
]


def batch(step: int, dtype: torch.dtype, roll: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [8, 3, 48, 48] (uint8 / 255 in float32, then the precision asked for) and labels [8], both rolled."""
    images = torch.from_numpy(pixels(IMAGE_TENSOR + step, (BATCH_SIZE, 3, 48, 48))).float() / 255
    labels = torch.from_numpy((hash32(LABEL_TENSOR + step, BATCH_SIZE) & 1).astype("int64"))
    return images.to(dtype).roll(roll, 0), labels.roll(roll, 0)


def both(exact: torch.Tensor, singles: list[torch.Tensor]) -> dict:
    """A small tensor of the float64 run, with the error of its float32 twins."""
    return {"values": exact.tolist(), "float32Error": error32(exact, singles)}


def digests(exact: list[Named], singles: list[list[Named]], gradient: bool) -> dict:
    """Digests of all tensors, or of the gradients of those that are trained, by name."""
    result = {}
    for index, item in enumerate(exact):
        if item.trainable or not gradient:
            twins = [single[index].flat(gradient) for single in singles]
            result[item.name] = digest(index, item.flat(gradient), twins)
    return result


def infer(dtype: torch.dtype, roll: int = 0) -> dict:
    """Inference mode, running statistics, batch 0."""
    model, _ = hashed_network(dtype)
    return logits_of_batch0(model, dtype, roll)


def logits_of_batch0(model: CancerNet, dtype: torch.dtype, roll: int) -> dict:
    model.eval()
    with torch.no_grad():
        logits = model(batch(0, dtype, roll)[0]).roll(-roll, 0)
    return {"logits": logits, "probabilities": logits.softmax(1)}


def differentiate(dtype: torch.dtype, roll: int = 0) -> dict:
    """One forward and backward pass in training mode; the running statistics are those after the pass."""
    model, tensors = hashed_network(dtype)
    model.train()
    images, labels = batch(0, dtype, roll)
    logits = model(images)
    loss = weighted_loss(logits, labels, torch.tensor(CLASS_WEIGHTS, dtype=dtype))
    loss.backward()
    return {"logits": logits.detach().roll(-roll, 0), "loss": loss.detach(), "tensors": tensors}


def adagrad_step(parameters: list[torch.Tensor], accumulators: list[torch.Tensor], learning_rate: float) -> None:
    """tf.keras: acc += g^2, then p -= lr * g / (sqrt(acc) + eps)."""
    with torch.no_grad():
        for parameter, accumulator in zip(parameters, accumulators):
            accumulator += parameter.grad**2
            parameter -= learning_rate * parameter.grad / (accumulator.sqrt() + EPSILON)


def train(dtype: torch.dtype, recipe: Recipe, steps: int, roll: int = 0) -> dict:
    """Some steps on as many batches; each loss is the one before its update, which is what Keras reports."""
    model, tensors = hashed_network(dtype)
    model.train()
    parameters = list(model.parameters())
    accumulators = [torch.full_like(parameter, recipe.initial_accumulator) for parameter in parameters]
    weights = torch.tensor(CLASS_WEIGHTS, dtype=dtype)
    losses = []
    for step in range(steps):
        images, labels = batch(step, dtype, roll)
        model.zero_grad()
        loss = weighted_loss(model(images), labels, weights)
        loss.backward()
        adagrad_step(parameters, accumulators, recipe.learning_rate / (1 + recipe.decay * step))
        losses.append(loss.detach())
    return logits_of_batch0(model, dtype, roll) | {"losses": losses, "tensors": tensors}


def check_against_torch_adagrad(trained: list[Named], recipe: Recipe) -> None:
    """The second witness of the five steps: torch.optim.Adagrad, whose lr_decay is Keras's decay."""
    model, tensors = hashed_network(torch.float64)
    model.train()
    optimizer = torch.optim.Adagrad(
        model.parameters(),
        recipe.learning_rate,
        recipe.decay,
        initial_accumulator_value=recipe.initial_accumulator,
        eps=EPSILON,
    )
    for step in range(STEPS):
        images, labels = batch(step, torch.float64)
        optimizer.zero_grad()
        weighted_loss(model(images), labels, torch.tensor(CLASS_WEIGHTS, dtype=torch.float64)).backward()
        optimizer.step()
    for ours, theirs in zip(trained, tensors):
        torch.testing.assert_close(ours.tensor, theirs.tensor, rtol=1e-6, atol=1e-7)


def check_gradient_by_differences(exact: list[Named]) -> None:
    """The second witness of the gradient: the loss's central difference along the direction of the digests' hash vectors."""
    model, tensors = hashed_network(torch.float64)
    model.train()
    images, labels = batch(0, torch.float64)
    expected, losses, step = 0.0, [], 1e-7
    for sign in (1, -2):
        with torch.no_grad():
            for index, (item, known) in enumerate(zip(tensors, exact)):
                if item.trainable:
                    probe = torch.from_numpy(centred(GRADIENT_PROBE + index, item.tensor.numel())).reshape(item.shape())
                    item.tensor.add_(probe.t() if item.transposed else probe, alpha=sign * step)
                    expected += float(known.flat(gradient=True) @ probe.flatten()) / 2
            losses.append(float(weighted_loss(model(images), labels, torch.tensor(CLASS_WEIGHTS).double())))
    measured = (losses[0] - losses[1]) / (2 * step)
    print(f"directional derivative: {expected:.8g} by backpropagation, {measured:.8g} by differences")
    if abs(measured - expected) > 1e-4 * abs(expected):
        raise AssertionError("the gradient and the loss's difference disagree")


def description() -> dict:
    """What the reader needs to build the same tensors and batches."""
    tensors = named_tensors(CancerNet(dropout=False))
    checks = [(0, 0), (0, 1), (42, 1179647), (IMAGE_TENSOR, 55295), (5049, 1)]
    return {
        "formula": "value = float32(base + scale * (hash(index, k) / 2^32 - 0.5)), index = place in this list",
        "hashChecks": [{"tensor": t, "element": k, "hash": int(hash32(t, k + 1)[k])} for t, k in checks],
        "tensors": [
            {"name": t.name, "shape": t.shape(), "base": t.base, "scale": t.scale, "trainable": t.trainable}
            for t in tensors
        ],
        "batches": {
            "size": BATCH_SIZE,
            "imageTensor": IMAGE_TENSOR,
            "labelTensor": LABEL_TENSOR,
            "labels": [batch(step, torch.float32)[1].tolist() for step in range(STEPS)],
        },
        "classWeights": CLASS_WEIGHTS,
    }


def training(recipe: Recipe) -> dict:
    exact = train(torch.float64, recipe, STEPS)
    singles = [train(torch.float32, recipe, STEPS, roll) for roll in ROLLS]
    check_against_torch_adagrad(exact["tensors"], recipe)
    after = {}
    for steps in recipe.digest_after:
        twins = [train(torch.float32, recipe, steps, roll)["tensors"] for roll in ROLLS]
        after[str(steps)] = digests(train(torch.float64, recipe, steps)["tensors"], twins, gradient=False)
    return {
        "name": recipe.name,
        "initialAccumulator": recipe.initial_accumulator,
        "epsilon": EPSILON,
        "learningRate": recipe.learning_rate,
        "decay": recipe.decay,
        "learningRates": [recipe.learning_rate / (1 + recipe.decay * step) for step in range(STEPS)],
        "losses": [both(loss, [s["losses"][step] for s in singles]) for step, loss in enumerate(exact["losses"])],
        "inferenceLogitsOfBatch0": both(exact["logits"], [s["logits"] for s in singles]),
        "tensorsAfterStep": after,
    }


def main() -> None:
    torch.set_num_threads(1)
    exact, singles = infer(torch.float64), [infer(torch.float32, roll) for roll in ROLLS]
    exact_step, single_steps = differentiate(torch.float64), [differentiate(torch.float32, roll) for roll in ROLLS]
    check_gradient_by_differences(exact_step["tensors"])
    twins = [single["tensors"] for single in single_steps]
    statistics = digests(exact_step["tensors"], twins, gradient=False)
    document = description() | {
        "inference": {key: both(exact[key], [s[key] for s in singles]) for key in exact},
        "training": {
            "logits": both(exact_step["logits"], [s["logits"] for s in single_steps]),
            "loss": both(exact_step["loss"], [s["loss"] for s in single_steps]),
            "gradients": digests(exact_step["tensors"], twins, gradient=True),
            "statisticsAfter": {n: d for n, d in statistics.items() if n.endswith((".mean", ".variance"))},
        },
        "adagrad": [training(recipe) for recipe in RECIPES],
    }
    write("cancernet", document, digits=10)


if __name__ == "__main__":
    main()
