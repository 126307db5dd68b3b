"""Start-up: what a person waits for before anything happens.

CPU time of `envkit --help`, and wall time of the README's main command, warm. Each is shown as a ratio to a bare
`python -c "import gymnasium"`, measured in turns with it, since no command that makes an environment can be quicker.

    python benchmarks/startup.py

Ends with exit code 1 where a bar is missed.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

ENVKIT = [sys.executable, "-c", "from envkit.cli.main import main; main()"]
BARE = [sys.executable, "-c", "import gymnasium"]
HELP_BAR, MAIN_BAR = 0.150, 1.5


def timed(command: Sequence[str], folder: str) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of one process; it must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SDL_VIDEODRIVER": "dummy"}
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name: str, command: Sequence[str], *, clock: int, repeats: int, bar: float) -> bool:
    """Prints one line; whether the bar is met. `clock` is 0 for wall time, 1 for CPU time."""
    with tempfile.TemporaryDirectory() as folder:
        timed(command, folder)  # warms up
        pairs = [(timed(command, folder)[clock], timed(BARE, folder)[clock]) for _ in range(repeats)]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    met = bool(ours <= bar)
    kind = ("wall", "CPU")[clock]
    print(
        f"{name:34} {1000 * ours:6.0f} ms {kind}, median of {repeats}; import gymnasium {1000 * bare:4.0f} ms; "
        f"ratio {ours / bare:.2f}; bar {1000 * bar:.0f} ms: {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    met = [
        compare("envkit --help", [*ENVKIT, "--help"], clock=1, repeats=10, bar=HELP_BAR),
        compare(
            "envkit solve gridworld qlearning", [*ENVKIT, "solve", "gridworld", "--algo", "qlearning"],
            clock=0, repeats=7, bar=MAIN_BAR,
        ),
    ]  # fmt: skip
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
