"""CartPole without its two velocities: what sees one moment only cannot know where the pole goes; memory can."""

from collections.abc import Iterator

from systems.deep.training import all_above, reached
from systems.row import Row

BLIND = "CartPole-v1 with hide=1,3"


def rows(seeds: int) -> Iterator[Row]:
    few = min(seeds, 5)
    yield reached(
        "hidden velocities", "PPO on one moment", BLIND, "ppo", seeds=few, bar="fails: 200 at most",
        met=lambda returns: max(returns) <= 200, steps=100_000,
    )  # fmt: skip
    yield reached(
        "hidden velocities", "PPO on four moments", f"{BLIND} stack=4", "ppo", seeds=few, bar="400 for each seed",
        met=all_above(400.0), steps=200_000,
    )  # fmt: skip
    yield reached(
        "hidden velocities", "PPO with an LSTM", BLIND, "recurrent-ppo", seeds=few, bar="400 for each seed",
        met=all_above(400.0), steps=200_000,
    )  # fmt: skip
