"""The search of `envkit.testing.contract`: does it find and minimise four planted bugs, and what does a sound one cost.

The bugs are those of `tests/testing/faulty.py`; Gymnasium's own checker passes all four, and so it does here. Each is
searched for with five seeds, at the default profile; found means that the shown test is as short as can be. The
last line is what ten runs of the machine take on CartPole.

    python benchmarks/strategies.py

Ends with exit code 1 where a bar is missed.
"""

import statistics
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import gymnasium
from gymnasium.utils.env_checker import check_env

from envkit.testing import ContractBroken, run_contract

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "testing"))
from faulty import ClipMissedAtOneCorner, CounterNotReset, NanAfterTwoBoundActions, NanAtOneCell

SHORTEST = {ClipMissedAtOneCorner: 5, CounterNotReset: 6, NanAtOneCell: 5, NanAfterTwoBoundActions: 2}  # steps
SEEDS, SECONDS_EACH = range(5), 15.0
RUNS, RUNS_SECONDS, REPEATS = 10, 2.0, 5


def searched(fault: type[gymnasium.Env], seed: int) -> tuple[int, float]:
    """(steps of the program, seconds); a thousand steps where the bug was not found."""
    begun = time.perf_counter()
    try:
        run_contract(fault, seed=seed, profile="default")
    except ContractBroken as broken:
        return sum(call.method == "step" for call in broken.calls), time.perf_counter() - begun
    return 1000, time.perf_counter() - begun


def passed_by_gymnasium(fault: type[gymnasium.Env]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an environment without a spec is warned about
        try:
            check_env(fault(), skip_render_check=True)
        except Exception:  # noqa: BLE001 - whatever it says, it has seen something
            return False
    return True


def bug(fault: type[gymnasium.Env], least: int) -> bool:
    """Prints one line; whether the bars are met."""
    found = [searched(fault, seed) for seed in SEEDS]
    exact = sum(steps == least for steps, _ in found)
    took = [seconds for _, seconds in found]
    met = exact == len(found) and max(took) < SECONDS_EACH
    peer = "passes it" if passed_by_gymnasium(fault) else "finds it"
    print(
        f"{fault.__name__:26} found with {least} steps {exact} of {len(found)} times, "
        f"{min(took):.1f} to {max(took):.1f} s, median {statistics.median(took):.1f}; "
        f"Gymnasium's checker {peer}; bar {len(found)} of {len(found)}, "
        f"{SECONDS_EACH:g} s: {'met' if met else 'MISSED'}"
    )
    return met


def cost() -> bool:
    """Ten runs on CartPole, what is measured before them included."""
    make = partial(gymnasium.make, "CartPole-v1")
    run_contract(make, examples=1, seed=0)  # warms up
    took = []
    for seed in range(REPEATS):
        begun = time.perf_counter()
        run_contract(make, examples=RUNS, seed=seed)
        took.append(time.perf_counter() - begun)
    met = max(took) < RUNS_SECONDS
    print(
        f"{'CartPole-v1':26} {RUNS} runs in {min(took):.2f} to {max(took):.2f} s, {REPEATS} times; "
        f"bar {RUNS_SECONDS:g} s: {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    met = [bug(fault, least) for fault, least in SHORTEST.items()]
    return 0 if all([*met, cost()]) else 1


if __name__ == "__main__":
    sys.exit(main())
