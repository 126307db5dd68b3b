"""What the learners have in common that learn from a replay memory: settings, exploration, and the memory itself."""

import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import UsageError
from envkit.core.schedule import Schedule, Share, linear, schedule
from envkit.core.settings import Setting
from envkit.deep import replay
from envkit.deep.building import Kind, by_share, observation_refusal
from envkit.deep.learner import Training

COLOURS = 3
STACKING = {"stack", "atari"}
OURS = "envkit.deep.q_learning"
UNIFORM, HINDSIGHT, PRIORITIZED = "uniform", "hindsight", "prioritized"
GOALS = ("observation", "achieved_goal", "desired_goal")

AUTO = r"auto(_\d*\.?\d+)?|-?\d*\.?\d+(e-?\d+)?"
TAU = Setting("tau", 0.005, "how far the target network follows at each update; 1 copies", 0, 1, open_low=True)
SDE = Setting("use_sde", False, "whether noise depends on the state (gSDE)", flag=True)
MEMORY = (
    Setting(
        "replay", UNIFORM, "how it is drawn from: uniform, or hindsight, with goals that were reached (HER)",
        choices=(UNIFORM, HINDSIGHT),
    ),
    Setting("n_sampled_goal", 4, "of hindsight: goals in its place for each step", 1, whole=True),
)  # fmt: skip
NOISE = (
    Setting("noise", 0.0, "the deviation of what is added to actions in training, as a share of half their range", 0),
    Setting("noise_kind", "normal", "of that noise; ou wanders", choices=("normal", "ou")),
)
ENTROPY = (
    Setting(
        "ent_coef", "auto", "what acting at random is worth: a number, auto to learn it, or auto_0.1 to begin there",
        text=AUTO,
    ),
    Setting("target_entropy", "auto", "how much chance is aimed at where that is learnt: a number, or auto", text=AUTO),
)  # fmt: skip


PRIORITIES = (
    Setting(
        "replay", UNIFORM,
        "how it is drawn from: uniform, prioritized by how much a step surprised, or hindsight (HER)",
        choices=(UNIFORM, PRIORITIZED, HINDSIGHT),
    ),
    MEMORY[1],
    Setting("priority_exponent", 0.6, "of prioritized: how much surprise matters; 0 not at all", 0, 1),
    Setting("importance", 0.4, "of prioritized: how far steps drawn often count less; 1 makes up for it", 0, 1),
)  # fmt: skip


def common(*, learning_rate: float, batch_size: int, train_freq: int = 1) -> tuple[Setting, ...]:
    """What all of them take, with these defaults."""
    return (
        Setting("learning_rate", learning_rate, "the optimiser's step size", 0, open_low=True, scheduled=True),
        Setting("buffer_size", 1_000_000, "steps that the replay memory holds", 1, whole=True),
        Setting("learning_starts", 100, "steps of acting at random before learning begins", 0, whole=True),
        Setting("batch_size", batch_size, "steps in a minibatch", 1, whole=True),
        Setting("gamma", 0.99, "the discount: what a reward a step later is worth", 0, 1),
        Setting("train_freq", train_freq, "steps of each environment between updates", 1, whole=True),
        Setting("gradient_steps", 1, "minibatches of an update; -1 for as many as steps were taken", -1, whole=True),
        Setting("n_steps", 1, "rewards that are summed up before the critic is asked", 1, whole=True),
    )


def acting_kind(name: str, where: str, direct: tuple[str, ...], **more: Any) -> Kind:
    """An algorithm whose actor says an action."""
    return Kind(name, where, direct, off_policy=True, for_training=for_training, **more)


def exploring_kind(name: str, where: str, direct: tuple[str, ...], **more: Any) -> Kind:
    """An algorithm that values each of a few actions, and explores by chance."""
    return acting_kind(name, where, direct, counters=("exploration_rate", "_n_calls"), prepare=explore, **more)


def entropy(settings: Mapping[str, Any]) -> dict[str, Any]:
    """As Stable-Baselines3 takes it: numbers where numbers are meant."""
    chosen = {name: settings[name] for name in ("ent_coef", "target_entropy")}
    return {name: value if value.startswith("auto") else float(value) for name, value in chosen.items()}


def for_training(training: Training, vec: Any) -> dict[str, Any]:
    """The memory, which has to fit, and the noise.

    Raises:
      UsageError: the memory does not fit, or hindsight has no goals to go by.
    """
    chosen, space = training.settings, vec.observation_space
    once = _keeps_pictures_once(space, chosen)
    seen = _observations_a_step(space, training) if once else 2
    taken = replay.check_memory(chosen["buffer_size"], space, vec.action_space, seen=seen)
    if taken:
        training.overseer.noticed(taken)
    found: dict[str, Any] = {}
    if once:
        from envkit.deep.frames import FrameReplayBuffer

        found["replay_buffer_class"] = FrameReplayBuffer
    if chosen["replay"] == HINDSIGHT:
        from stable_baselines3 import HerReplayBuffer

        check_goals(space, training)
        found["replay_buffer_class"] = HerReplayBuffer
        found["replay_buffer_kwargs"] = {"n_sampled_goal": chosen["n_sampled_goal"]}
    if chosen["replay"] == PRIORITIZED:
        from envkit.deep.frames import PrioritizedFrameReplayBuffer
        from envkit.deep.q_learning import PrioritizedReplayBuffer

        check_prioritized(space, training)
        found["replay_buffer_class"] = PrioritizedFrameReplayBuffer if once else PrioritizedReplayBuffer
        weighing = {"exponent": chosen["priority_exponent"], "correction": chosen["importance"]}
        found["replay_buffer_kwargs"] = weighing
    if chosen.get("noise"):
        found["action_noise"] = _noise(chosen, vec.action_space)
    return found


def _keeps_pictures_once(space: spaces.Space[Any], chosen: Mapping[str, Any]) -> bool:
    """Whether observations are pictures, and single steps are drawn, so that each picture can be held once."""
    from stable_baselines3.common.preprocessing import is_image_space

    single = chosen["n_steps"] == 1 and chosen["replay"] != HINDSIGHT
    return bool(single and is_image_space(space) and len(space.shape or ()) == 3)


def _observations_a_step(space: spaces.Space[Any], training: Training) -> float:
    """What a memory that holds each picture once takes at most: of stacks the newest ones, and whole ones at starts.

    Of what no wrapper stacks nobody knows whether a step shares anything with the one before.
    """
    wrappers = {text.partition("=")[0] for text in shlex.split(training.ref.parts[1])}
    if not wrappers & STACKING:
        return 2.0
    channels = min(space.shape or (1,))
    return 1.25 / channels if channels % COLOURS else 1.25 * COLOURS / channels


def check_goals(space: spaces.Space[Any], training: Training) -> None:
    """Raises UsageError where observations have no goals."""
    if not isinstance(space, spaces.Dict) or not set(GOALS) <= set(space.spaces):
        raise UsageError(
            f"replay=hindsight needs goals: observations of {training.ref} are to be a Dict of {', '.join(GOALS)}, "
            "and its compute_reward is asked what another goal would have paid"
        )


def check_prioritized(space: spaces.Space[Any], training: Training) -> None:
    """Raises UsageError where steps cannot be drawn one by one."""
    if isinstance(space, spaces.Dict) or training.settings["n_steps"] > 1:
        what = "observations are a Dict" if isinstance(space, spaces.Dict) else "n_steps sums up several of them"
        raise UsageError(f"replay=prioritized draws single steps, and {what}; replay=uniform takes them")


def _noise(chosen: Mapping[str, Any], space: spaces.Space[Any]) -> Any:
    """Stable-Baselines3 scales actions to -1 and 1 before it adds the noise."""
    from stable_baselines3.common import noise

    mean = np.zeros(space.shape or (), np.float32)
    kind = noise.NormalActionNoise if chosen["noise_kind"] == "normal" else noise.OrnsteinUhlenbeckActionNoise
    return kind(mean, np.full_like(mean, chosen["noise"]))


# Exploration by chance, of learners that value each of a few actions.

EPSILON = Setting(
    "epsilon", linear(1, 0.05, Share(0.1)), "the chance of exploring, by steps of the training", 0, 1, scheduled=True
)
TARGETS = Setting("target_update_interval", 10_000, "steps between updates of the target network", 1, whole=True)


def explore(model: Any, training: Training) -> None:
    """Stable-Baselines3 knows one straight line of epsilon; a schedule may be any."""
    chance: Schedule = schedule(training.settings["epsilon"])
    found = by_share(chance, training.steps)
    model.exploration_schedule = found if callable(found) else lambda *_: found


def discrete_refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if not isinstance(action_space, spaces.Discrete):
        return f"actions are {type(action_space).__name__}; it takes Discrete"
    if action_space.start:
        return f"actions begin at {action_space.start}, not at 0"
    return observation_refusal(observation_space)


def continuous_refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if not isinstance(action_space, spaces.Box):
        return f"actions are {type(action_space).__name__}; it takes Box"
    if not action_space.is_bounded():
        return "actions have no bounds, and it scales them to fit bounds; gymnasium's RescaleAction or ClipAction help"
    return observation_refusal(observation_space)
