"""Three offers: with whom to sign, by the years that one looks ahead and by the discount.

The tutorial asks the question and answers it in words; the assumptions are those of `envkit.envs.offers`. A learner
takes a truncation for a clock that stops watching: it goes on to count what would be earned afterwards. Who has only a
few years must see them, so the year is a part of the state here, and the last one an end (`systems.worlds.dated`).
"""

from collections.abc import Iterator
from typing import Any

import envkit
from envkit.core.show import count
from systems.learning import learn
from systems.row import Row, settings_text
from systems.worlds import dated_offers

NAMES = ("Facebook", "Google", "Amazon")
BEST = {(1, 1.0): 2, (4, 1.0): 2, (5, 1.0): 1, (10, 1.0): 1, (6, 0.8): 2, (10, 0.8): 1, (30, 0.5): 2}
EPISODES = 1_000_000  # of a few years each
SETTINGS = {"epsilon": 1, "step_size": "power(1, 0.9) by visits"}


def rows(seeds: int) -> Iterator[Row]:
    for (years, discount), best in BEST.items():
        arguments: dict[str, Any] = {"env_kwargs": {"years": years}, "discount": discount, "eval_episodes": 1}
        planned = int(envkit.solve("offers", "backward-induction", run_dir=False, **arguments).policy.row(0)[0])
        _, learnt = learn(dated_offers, "qlearning", seeds=seeds, episodes=EPISODES, **SETTINGS, **arguments)
        signed = [int(arrays["action"][0]) for arrays in learnt]
        yield Row(
            f"offers, {count(years, 'year')}, discount {discount:g}",
            f"backward induction; Q-learning, {EPISODES:,} episodes, {settings_text(SETTINGS)}",
            "",
            tuple(float(each == best) for each in signed),
            NAMES[best],
            "the plan, and each seed",
            planned == best == min(signed) == max(signed),
            said=f"{NAMES[planned]}; {signed.count(best)} of {seeds} seeds",
        )
