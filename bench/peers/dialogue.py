"""How a peer talks with the benchmark: a line when it is ready, then a line for each "go <steps>", until "quit" or the end."""

import json
import sys
import time
from collections.abc import Callable


def tell(message: dict) -> None:
    print(json.dumps(message), flush=True)


def serve(name: str, versions: dict[str, str], work: Callable[[int], int]) -> None:
    """`work` does so many steps and gives the number of patches; only it is timed."""
    tell({"name": name, "versions": versions})
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            return
        if len(words) != 2 or words[0] != "go" or not words[1].isdigit():
            sys.exit(f'bench: "{line.strip()}" is not understood; write "go <steps>" or "quit".')
        start = time.perf_counter()
        patches = work(int(words[1]))
        tell({"seconds": time.perf_counter() - start, "patches": patches})
