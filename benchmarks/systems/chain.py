"""The chain of four states: how many steps until it is absorbed (Géron 2019, chapter 18).

The tutorial shows ten runs, which took 14.1 steps on average. The exact answer is 16 from the first state, 19 and 20
from the next two; ten runs are 5.7 off as a rule, and the bar for 2,000 of them is four standard errors, 1.62.
"""

from collections.abc import Iterator

import numpy as np

from envkit.tabular.markov import MarkovChain
from systems.row import Row, same

CHAIN = [[0.7, 0.2, 0.0, 0.1], [0.0, 0.0, 0.9, 0.1], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
EXPECTED = (16.0, 19.0, 20.0)
RUNS = 2_000


def rows(seeds: int) -> Iterator[Row]:
    chain = MarkovChain(CHAIN)
    for state, steps in enumerate(EXPECTED):
        found = float(chain.expected_steps[state])
        yield Row(
            "chain of 4 states",
            f"expected steps from {state}",
            "",
            (found,),
            f"{steps:g}",
            "exact",
            same([found], steps),
        )
    means = tuple(_mean_steps(chain, seed) for seed in range(seeds))
    off = 4 * float(chain.std_steps[0]) / RUNS**0.5
    yield Row(
        "chain of 4 states", f"simulated from 0, mean of {RUNS:,} runs", "14.1, mean of 10 runs", means, "16",
        f"within {off:.2f}", same(means, 16, within=off),
    )  # fmt: skip


def _mean_steps(chain: MarkovChain, seed: int) -> float:
    rng = np.random.default_rng(seed)
    return sum(len(chain.simulate(rng)) - 1 for _ in range(RUNS)) / RUNS
