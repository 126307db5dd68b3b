"""LunarLander-v3: the tutorials reached 167.1 and about 200 by REINFORCE, and 78 ± 95 by PPO after 2,000,000 steps."""

from collections.abc import Iterator

from systems.deep.training import mean_above, raced, reached
from systems.row import Row

ENV = "LunarLander-v3"
ZOO = {
    "steps": 1_000_000, "n_envs": 16, "n_steps": 1024, "batch_size": 64, "gae_lambda": 0.98, "gamma": 0.999,
    "n_epochs": 4, "ent_coef": 0.01, "learning_rate": 3e-4, "eval_every": 16_384,
}  # fmt: skip


def rows(seeds: int) -> Iterator[Row]:
    few = min(seeds, 3)
    yield reached(
        "LunarLander", "PPO, preset", ENV, "ppo", seeds=few, tutorial="78 ± 95 after 2,000,000 steps",
        bar="250 on average, in 1,000,000 steps", met=mean_above(250.0),
    )  # fmt: skip
    yield raced(
        "LunarLander", "PPO to the first evaluation of 200, beside the zoo's settings", ENV, "ppo", 200.0,
        {"eval_every": 16_384}, ZOO, seeds=few, bar=0.7,
    )  # fmt: skip
    yield reached(
        "LunarLander", "REINFORCE, preset", ENV, "reinforce", seeds=few, tutorial="167.1; about 200, in training",
        bar="200 on average", met=mean_above(200.0),
    )  # fmt: skip
