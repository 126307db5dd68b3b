"""CartPole: PPO, deep Q-learning in its variants, policy gradients, a search, rules and what imitates them.

The tutorials reached 200 of 200 steps with PPO after 41,000 steps, gave no number for DQN, and one training episode
each for its variants (200, 200, none, 137); a rule that pushes towards the lean earns 41.7 on average, and REINFORCE
190.3 of 200 in training. Here all of it is on CartPole-v1, whose episodes last 500 steps, and evaluated apart.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.workflows.evaluate import evaluate
from envkit.workflows.players import player
from systems.deep.training import all_above, mean_above, raced, reached
from systems.row import Row, same

ENV, FULL, SOLVED = "CartPole-v1", 500.0, 475.0
FEW = 5  # seeds, where not all ten are played
RULES = Path(__file__).with_name("rules.py")
SHORT = f"{ENV} with max-steps=200"
VARIANTS = {"dqn": "no number", "double-dqn": "no number", "dueling-dqn": "137, one episode", "double-dueling-dqn": ""}
TARGETS = ("no-target", "hard-copies", "soft-updates")  # presets: three ways to value the next state
ZOO = {
    "steps": 100_000, "n_envs": 8, "n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20,
    "learning_rate": "linear(0.001, 0, 100%)", "clip_range": "linear(0.2, 0, 100%)", "eval_every": 2000,
}  # fmt: skip


def ppo(seeds: int) -> Iterator[Row]:
    yield reached(
        "CartPole", "PPO, preset, 60,000 steps", ENV, "ppo", seeds=seeds, tutorial="200 of 200 after 41,000 steps",
        exact="500", bar="500 for 9 of 10 seeds", met=_nearly_all,
    )  # fmt: skip
    yield raced(
        "CartPole", f"PPO to the first evaluation of {SOLVED:g}, beside the zoo's settings", ENV, "ppo", SOLVED,
        {"eval_every": 2000}, ZOO, seeds=min(seeds, FEW), bar=0.7,
    )  # fmt: skip


def variants(seeds: int) -> Iterator[Row]:
    for name, tutorial in VARIANTS.items():
        yield reached(
            "CartPole", f"{name}, preset, 50,000 steps", ENV, name, seeds=min(seeds, FEW), tutorial=tutorial,
            exact="500", bar="475 for each seed", met=all_above(SOLVED),
        )  # fmt: skip


def targets(seeds: int) -> Iterator[Row]:
    for how in TARGETS:
        yield reached(
            "CartPole", f"dqn, preset {how}", ENV, "dqn", seeds=min(seeds, FEW), tutorial="200, one episode",
            exact="500", bar="475 on average", met=mean_above(SOLVED), preset=how,
        )  # fmt: skip


def whole_policies(seeds: int) -> Iterator[Row]:
    """By the gradient of whole episodes, and by trying whole policies."""
    yield reached(
        "CartPole", "REINFORCE, preset", ENV, "reinforce", seeds=min(seeds, FEW),
        tutorial="190.3 of 200, in training", exact="500", bar="475 for each seed", met=all_above(SOLVED),
    )  # fmt: skip
    yield reached(
        "CartPole", "random search, preset", ENV, "ars", seeds=min(seeds, FEW), exact="500", bar="475 for each seed",
        met=all_above(SOLVED),
    )  # fmt: skip


def cloning(seeds: int) -> Iterator[Row]:
    yield reached(
        "CartPole, 200 steps", "cloning of 200 episodes of the rule", SHORT, "cloning", seeds=min(seeds, FEW),
        exact="41.7", tutorial="41.698, the rule itself", bar="40 for each seed", met=all_above(40.0), steps=100_000,
        demos=f"{RULES}:tilt,episodes=200", eval_every=0,
    )  # fmt: skip
    yield reached(
        "CartPole", "cloning of the best 1 % of 10,000 random games", ENV, "cloning", seeds=min(seeds, FEW),
        tutorial="over 200", exact="500", bar="200 for each seed", met=all_above(200.0), steps=100_000,
        demos="random,episodes=10000,best=1%",
    )  # fmt: skip


def rules(seeds: int) -> Iterator[Row]:  # noqa: ARG001 - they learn nothing
    """Written by hand: the tutorial's, over its 500 seeds, and a linear one that never fails."""
    played = evaluate(_rule("tilt"), EnvRef.of(SHORT), episodes=500, seed=0, seeds=range(500))
    returns = played.returns
    found = (played.mean, played.std, float(returns.min()), float(returns.max()))
    said = f"{found[0]:.3f}, {found[1]:.6f}, {found[2]:g}, {found[3]:g}"
    told = "41.698, 8.389446, 24, 63"
    yield Row("CartPole, 200 steps", "a rule: push towards the lean", told, found, told, "the same", said == told, said)
    best = evaluate(_rule("balance"), EnvRef.of(ENV), episodes=100, seed=0)
    is_full = same(best.returns.tolist(), FULL)
    yield Row("CartPole", "a rule: a sum of all four numbers", "", (best.mean,), "500", "500 in each episode", is_full)


def _rule(name: str) -> Policy:
    return player(f"{RULES}:{name}", EnvRef.of(ENV)).policy


def _nearly_all(returns: Sequence[float]) -> bool:
    return sum(one == FULL for one in returns) >= 0.9 * len(returns)
