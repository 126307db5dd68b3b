"""CartPole, 200 steps at most, in bins: SARSA and double Q-learning, at discount .9 and 1.

The tutorial takes 14,641 bins and 50,000 episodes for SARSA ("200 most of the time"), 100,000 for double Q-learning
(200 on average from 60,000 on at discount 1; at .9 only a handful, decreasing). Here are 90 bins and 2,500
episodes, with larger steps and less exploring, since a table that begins with zeros explores by itself where less than
the whole is earned.

Each score is the mean of 100 greedy episodes. They are played with a seed that is drawn apart from all that training
has seen (`envkit.workflows.solve`); training resets the environment with seeds of its own.
"""

from collections.abc import Iterator
from typing import Any

from envkit.workflows.seeds import solve_seeds
from systems.row import Row, settings_text
from systems.worlds import cart_pole

EPISODES, GAMES, BAR = 2_500, 100, 195.0
SETTINGS: dict[str, Any] = {"step_size": 0.3, "epsilon": "linear(0.2, 0, 50%)"}
TUTORIALS = {
    ("sarsa", 0.9): "200 most of the time (50,000 episodes)",
    ("sarsa", 1.0): "",
    ("double-qlearning", 0.9): "200 a handful of times (100,000)",
    ("double-qlearning", 1.0): "200 from 60,000 episodes on",
}


def rows(seeds: int) -> Iterator[Row]:
    for (algo, discount), tutorial in TUTORIALS.items():
        found = solve_seeds(
            cart_pole, algo, seeds=seeds, episodes=EPISODES, eval_episodes=GAMES, run_dir=False, discount=discount,
            **SETTINGS,
        )  # fmt: skip
        scores = tuple(found.returns)
        method = f"{algo}, {EPISODES:,} episodes, {settings_text(SETTINGS)}"
        yield Row(
            "CartPole, 200 steps", f"{method}, discount {discount:g}", tutorial, scores, "200",
            f"{BAR:g} in each seed", min(scores) >= BAR,
        )  # fmt: skip
