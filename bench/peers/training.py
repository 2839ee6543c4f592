"""CancerNet's training in PyTorch, for the peers: the tutorial's optimizer and weighted loss."""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "golden"))
try:
    import torch
    from common.network import CancerNet, weighted_loss
except ImportError as error:
    sys.exit(f"this Python lacks a library ({error}): install Debian's python3-torch and python3-numpy")

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
VERSIONS = {"PyTorch": torch.__version__}


def training_step(layout: str, class_weights: list[float], device: str = "cpu") -> Callable[[torch.Tensor, torch.Tensor], None]:
    """A function from images and labels to updated weights: dropout on, Adagrad, the loss read at every step."""
    torch.manual_seed(42)
    model = CancerNet(dropout=True).to(device, memory_format=LAYOUTS[layout]).train()
    weights = torch.tensor(class_weights, device=device)
    optimizer = torch.optim.Adagrad(model.parameters(), 0.01, 0.01 / 40, initial_accumulator_value=0.1, eps=1e-7)

    def step(images: torch.Tensor, labels: torch.Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        logits = model(images.to(device, memory_format=LAYOUTS[layout]))
        loss = weighted_loss(logits, labels.to(device), weights)
        loss.backward()
        optimizer.step()
        loss.item()

    return step
