"""The PyTorch peer for single steps: CancerNet's training step or its prediction on random patches in memory."""

import argparse
from collections.abc import Callable

from dialogue import serve, tell
from training import LAYOUTS, VERSIONS, CancerNet, torch, training_step

BATCHES = 4


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=["step", "predict"], default="step")
    parser.add_argument("--layout", choices=list(LAYOUTS), default="nchw")
    parser.add_argument("--frozen", action="store_true", help="predict with TorchScript, frozen")
    parser.add_argument("--batch", type=int, default=32, help="patches in a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return parser.parse_args()


def make_work(options: argparse.Namespace) -> Callable[[int], None]:
    """A function that does one batch, given its number. The batches are random, made beforehand and used in turn."""
    torch.manual_seed(42)
    layout = LAYOUTS[options.layout]
    images = [torch.rand(options.batch, 3, 48, 48).contiguous(memory_format=layout) for _ in range(BATCHES)]
    if options.work == "predict":
        return prediction_work(options, images)
    labels = [torch.randint(0, 2, (options.batch,)) for _ in range(BATCHES)]
    step = training_step(options.layout, [1.0, 2.52], options.device)
    return lambda number: step(images[number % BATCHES], labels[number % BATCHES])


def prediction_work(options: argparse.Namespace, images: list[torch.Tensor]) -> Callable[[int], None]:
    """The softmax of the logits, with running statistics and without gradients."""
    model = CancerNet(dropout=True).to(options.device, memory_format=LAYOUTS[options.layout]).eval()
    if options.frozen:
        model = torch.jit.freeze(torch.jit.script(model))

    def predict(number: int) -> None:
        with torch.inference_mode():
            model(images[number % BATCHES].to(options.device)).softmax(1).tolist()

    return predict


def main() -> None:
    options = arguments()
    if options.device == "cuda" and not torch.cuda.is_available():
        tell({"cannot": "PyTorch finds no CUDA device"})
        return
    torch.set_num_threads(options.threads)
    work = make_work(options)

    def steps(count: int) -> int:
        for number in range(count):
            work(number)
        return count * options.batch

    device = "CUDA " if options.device == "cuda" else ""
    name = f"PyTorch {device}{options.layout}{', TorchScript frozen' if options.frozen else ''}"
    serve(name, VERSIONS, steps)


if __name__ == "__main__":
    main()
