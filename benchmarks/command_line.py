"""How long the command line takes to say what it can do, as a process of its own.

python -m benchmarks.command_line --runs 10
"""

import argparse
import subprocess
import sys
import time

import numpy as np

from segmentation.cli.main import COMMANDS

LIMIT_SECONDS = 0.3
"""What `segmentation --help` may take; of a command's own help it is what its libraries cost."""


def seconds(arguments: list[str], runs: int) -> list[float]:
    """Return how long each run of the command took."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        command = [sys.executable, "-m", "segmentation.cli", *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        found.append(time.perf_counter() - begun)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the seconds as a Markdown table; return 1 if `segmentation --help` takes too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args(arguments).runs
    print("| asked | median | slowest |\n|---|---|---|")
    asked = [["--help"], ["--version"], *([one.name, "--help"] for one in COMMANDS)]
    medians = {}
    for one in asked:
        found = seconds(one, runs)
        medians[one[0]] = np.median(found)
        print(f"| `segmentation {' '.join(one)}` | {np.median(found):.2f} | {max(found):.2f} |")
    return int(medians["--help"] > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
