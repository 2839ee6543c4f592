"""Runs every golden script (or those named as arguments): the reference numbers in golden/values are made again."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NEEDED = "import torch, scipy, sklearn, numpy, PIL, h5py"


def find_python() -> str:
    """The Python that runs this script, or Debian's, whichever has the libraries."""
    for candidate in dict.fromkeys([sys.executable, "/usr/bin/python3"]):
        if candidate and Path(candidate).exists():
            found = subprocess.run([candidate, "-c", NEEDED], capture_output=True, check=False)
            if found.returncode == 0:
                return candidate
    sys.exit(
        "golden: no Python with PyTorch, scikit-learn, scipy, Pillow and h5py was found; "
        "install Debian's python3-torch python3-sklearn python3-scipy python3-pil python3-h5py and run again."
    )


def main() -> None:
    known = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "main")
    wanted = sys.argv[1:] or known
    for name in wanted:
        if name not in known:
            sys.exit(f'golden: there is no script "{name}"; choose from {", ".join(known)}.')
    python = find_python()
    for name in wanted:
        print(f"== {name}", flush=True)
        if subprocess.run([python, "-B", str(FOLDER / f"{name}.py")], check=False).returncode != 0:
            sys.exit(f"golden: {name}.py failed; its message is above.")


if __name__ == "__main__":
    main()
