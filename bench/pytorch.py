"""The PyTorch peer of the benchmark: CancerNet's training step or its prediction on random patches in memory.

Alone it prints one JSON line. With --interactive it answers each input line "go <steps>" with one JSON line, so that a
caller can take turns with it; "quit" or the end of the input ends it.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
try:
    import torch
    from common.network import CancerNet, weighted_loss
except ImportError as error:
    sys.exit(f"bench: this Python lacks a library ({error}); install Debian's python3-torch and python3-numpy.")

BATCHES = 4


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=["step", "predict"], default="step")
    parser.add_argument("--layout", choices=["nchw", "channels_last"], default="nchw")
    parser.add_argument("--batch", type=int, default=32, help="patches in a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20, help="batches in a repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=5, help="batches before the clock is read")
    parser.add_argument("--interactive", action="store_true")
    return parser.parse_args()


def make_work(options: argparse.Namespace) -> Callable[[int], None]:
    """A function that does one batch, given its number. The batches are random, made beforehand and used in turn."""
    torch.manual_seed(42)
    layout = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    model = CancerNet(dropout=True).to(memory_format=layout)
    images = [torch.rand(options.batch, 3, 48, 48).contiguous(memory_format=layout) for _ in range(BATCHES)]
    labels = [torch.randint(0, 2, (options.batch,)) for _ in range(BATCHES)]
    return training_work(model, images, labels) if options.work == "step" else prediction_work(model, images)


def training_work(model: CancerNet, images: list[torch.Tensor], labels: list[torch.Tensor]) -> Callable[[int], None]:
    """Forward with dropout, the weighted loss, backward and the tutorial's Adagrad; the loss is read at every step."""
    model.train()
    class_weights = torch.tensor([1.0, 2.52])
    optimizer = torch.optim.Adagrad(model.parameters(), 0.01, 0.01 / 40, initial_accumulator_value=0.1, eps=1e-7)

    def step(number: int) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss = weighted_loss(model(images[number % BATCHES]), labels[number % BATCHES], class_weights)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def prediction_work(model: CancerNet, images: list[torch.Tensor]) -> Callable[[int], None]:
    """The softmax of the logits, with running statistics and without gradients."""
    model.eval()

    def predict(number: int) -> None:
        with torch.inference_mode():
            model(images[number % BATCHES]).softmax(1).tolist()

    return predict


def seconds_of(work: Callable[[int], None], steps: int) -> float:
    start = time.perf_counter()
    for number in range(steps):
        work(number)
    return time.perf_counter() - start


def interact(work: Callable[[int], None], options: argparse.Namespace) -> None:
    """One line in, one line out, until the input ends."""
    print(json.dumps(description(options) | {"ready": True}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            return
        if len(words) != 2 or words[0] != "go" or not words[1].isdigit():
            sys.exit(f'bench: "{line.strip()}" is not understood; write "go <steps>" or "quit".')
        steps = int(words[1])
        print(json.dumps({"seconds": seconds_of(work, steps), "patches": steps * options.batch}), flush=True)


def description(options: argparse.Namespace) -> dict:
    return {
        "work": options.work,
        "layout": options.layout,
        "batch": options.batch,
        "threads": options.threads,
        "torch": torch.__version__,
    }


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    work = make_work(options)
    seconds_of(work, options.warm_up)
    if options.interactive:
        interact(work, options)
        return
    speeds = [options.steps * options.batch / seconds_of(work, options.steps) for _ in range(options.repetitions)]
    print(json.dumps(description(options) | {"patches_per_second": [round(speed, 1) for speed in speeds]}))


if __name__ == "__main__":
    main()
