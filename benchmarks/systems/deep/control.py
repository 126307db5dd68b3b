"""MountainCar by DQN and Pendulum by actors and critics, for which there were no numbers; hindsight; the shower."""

from collections.abc import Iterator

from systems.deep.training import all_above, mean_above, raced, reached
from systems.row import Row

SHOWER = 59 + 3 / 7
ZOO_SAC = {"steps": 20_000, "learning_rate": 1e-3, "eval_every": 500}
DEFAULTS = {  # of Stable-Baselines3
    "steps": 500_000, "n_envs": 1, "n_steps": 2048, "batch_size": 64, "n_epochs": 10, "gamma": 0.99, "gae_lambda": 0.95,
    "learning_rate": 3e-4, "clip_range": 0.2, "ent_coef": 0.0, "net_arch": "64,64", "activation": "tanh",
    "normalize": (), "eval_every": 2048,
}  # fmt: skip


def mountain_car(seeds: int) -> Iterator[Row]:
    yield reached(
        "MountainCar", "DQN, preset", "MountainCar-v0", "dqn", seeds=min(seeds, 5), bar="-105 on average",
        met=mean_above(-105.0),
    )  # fmt: skip


def pendulum(seeds: int) -> Iterator[Row]:
    few = min(seeds, 5)
    for name in ("sac", "td3", "tqc"):
        yield reached(
            "Pendulum", f"{name}, preset", "Pendulum-v1", name, seeds=few, bar="-160 on average", met=mean_above(-160.0)
        )
    yield reached(
        "Pendulum", "actor-critic, preset", "Pendulum-v1", "actor-critic", seeds=few, bar="-250 on average",
        met=mean_above(-250.0),
    )  # fmt: skip
    yield raced(
        "Pendulum", "SAC to the first evaluation of -160, beside the zoo's settings", "Pendulum-v1", "sac", -160.0,
        {"eval_every": 500}, ZOO_SAC, seeds=few, bar=0.7,
    )  # fmt: skip


def shower(seeds: int) -> Iterator[Row]:
    few = min(seeds, 5)
    yield reached(
        "shower", "PPO, preset, 60,000 steps at most", "shower", "ppo", seeds=few, exact=f"{SHOWER:.4f}",
        tutorial="12 ± 58.8 after 65,536 steps", bar="1 below the optimum at most", met=all_above(SHOWER - 1),
    )  # fmt: skip
    yield raced(
        "shower", "PPO to the first evaluation 1 below the optimum, beside SB3's defaults", "shower", "ppo", SHOWER - 1,
        {"eval_every": 1024}, DEFAULTS, seeds=few, bar=0.5,
    )  # fmt: skip


def bit_flip(seeds: int) -> Iterator[Row]:
    few = min(seeds, 5)
    for replay, bar, met in (("hindsight", "-15 on average", mean_above(-15.0)), ("uniform", "", lambda _: True)):
        yield reached(
            "bits to be flipped", f"DQN, {replay} replay", "bitflip", "dqn", seeds=few, bar=bar, met=met, replay=replay
        )
