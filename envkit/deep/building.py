"""Making a model of Stable-Baselines3 from our settings, and what surrounds it: randomness, threads, spaces."""

import contextlib
import importlib
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import UsageError
from envkit.core.optional import need
from envkit.core.schedule import Schedule, value_at
from envkit.core.show import error_line
from envkit.deep.learner import Training
from envkit.deep.network import named, network_arguments


@dataclass(frozen=True)
class Kind:
    """An algorithm of Stable-Baselines3, or of sb3-contrib.

    Args:
      name: as it is typed.
      where: module:Class.
      direct: hyper-parameters that are keyword arguments of the class under their own names.
      derived: hyper-parameters -> more keyword arguments.
      of_policy: hyper-parameters that are keyword arguments of its policy.
      counters: attributes beside the common ones on which the rest of a training depends.
      extra: likewise, those that are arrays or tensors.
      off_policy: whether it learns from a replay memory.
      from_demonstrations: whether it learns from what others have shown, and from nothing else.
      long_rollouts: whether it plays for long between two updates, so that it may have to be stopped in the midst.
      for_training: (task, vectorised environment) -> keyword arguments that only a training needs.
      prepare: called with a new model and the task, for what no argument says.
      policies: the names of its policy classes for numbers, pictures and dictionaries.
    """

    name: str
    where: str
    direct: tuple[str, ...]
    derived: Callable[[Mapping[str, Any]], dict[str, Any]] = field(default=lambda *_: {})
    of_policy: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    off_policy: bool = False
    from_demonstrations: bool = False
    long_rollouts: bool = False
    for_training: Callable[[Training, Any], dict[str, Any]] = field(default=lambda *_: {})
    prepare: Callable[[Any, Training], object] = field(default=lambda *_: None)
    policies: tuple[str, str, str] = ("MlpPolicy", "CnnPolicy", "MultiInputPolicy")


@contextlib.contextmanager
def own_randomness() -> Iterator[None]:
    """What is drawn inside leaves the global generators of Python, NumPy and torch, if it is there, as they were."""
    torch = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state(), torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        if torch:
            torch.set_rng_state(before[2])


@contextlib.contextmanager
def threads(torch: Any, number: int) -> Iterator[None]:
    """Within, torch computes with so many threads; the last digits depend on how many there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def algorithm(kind: Kind) -> Any:
    """Its class."""
    module, _, name = kind.where.partition(":")
    need(module.partition(".")[0], extra="deep", purpose=kind.name)
    return getattr(importlib.import_module(module), name)


def new_model(kind: Kind, training: Training, vec: Any) -> tuple[Any, list[str]]:
    """(a model that has learnt nothing yet, what Stable-Baselines3 warns of).

    Raises:
      UsageError: its settings do not fit together.
    """
    import torch

    device = training.device
    kinds = {"cuda": ("CUDA", torch.cuda.is_available), "mps": ("Metal (MPS)", torch.backends.mps.is_available)}
    called, is_here = kinds.get(device.partition(":")[0], ("", bool))
    if called and not is_here():
        raise UsageError(f"--device {device}: torch sees no {called} device here; --device cpu, or auto, works")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            model = algorithm(kind)(
                policy_class(kind, training.settings, vec.observation_space), vec, seed=training.seed, device=device,
                verbose=0, policy_kwargs=policy_arguments(kind, training.settings),
                **class_arguments(kind, training.settings, training.steps), **kind.for_training(training, vec),
            )  # fmt: skip
            kind.prepare(model, training)
        return model, [f"of stable-baselines3: {' '.join(str(one.message).split())}" for one in told]
    except (AssertionError, ValueError, NotImplementedError, RuntimeError) as error:  # its ways to refuse arguments
        raise UsageError(f"{kind.name} cannot be made for {training.ref}: {error_line(error)}") from error


def policy_arguments(kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    return network_arguments(settings) | {name: settings[name] for name in kind.of_policy}


def policy_class(kind: Kind, settings: Mapping[str, Any], space: spaces.Space[Any]) -> Any:
    from stable_baselines3.common.policies import BasePolicy
    from stable_baselines3.common.preprocessing import is_image_space

    if settings.get("policy_class"):
        return named(settings["policy_class"], BasePolicy)
    if isinstance(space, spaces.Dict):
        return kind.policies[2]
    return kind.policies[1 if is_image_space(space) else 0]


def class_arguments(kind: Kind, settings: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """The class's arguments; schedules as Stable-Baselines3 wants them, by what is left of the training."""
    chosen = {name: settings[name] for name in kind.direct} | kind.derived(settings)
    return {name: by_share(value, steps) if isinstance(value, Schedule) else value for name, value in chosen.items()}


def by_share(schedule: Schedule, steps: int) -> "float | Falling":
    """A schedule by steps, as Stable-Baselines3 takes it."""
    return Falling(tuple(schedule.rows(steps)), steps) if schedule.constant is None else schedule.constant


@dataclass(frozen=True)
class Falling:
    """A schedule by steps as a function of the share of the training that is left, from 1 to 0."""

    rows: tuple[float, ...]  # as `value_at` takes them
    steps: int

    def __call__(self, left: float) -> float:
        return value_at(self.rows, (1 - left) * self.steps)


def observation_refusal(space: spaces.Space[Any]) -> str:
    """Why no learner of Stable-Baselines3 can take these observations; empty where they can."""
    if isinstance(space, spaces.Dict):
        nested = [name for name, part in space.spaces.items() if isinstance(part, spaces.Dict | spaces.Tuple)]
        if nested:
            return f"observations are nested under {nested[0]!r}; gymnasium's FlattenObservation flattens them"
        return next((why for part in space.spaces.values() if (why := observation_refusal(part))), "")
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        return ""
    if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
        start = np.asarray(space.start)
        return "" if not start.any() else f"observations begin at {space.start}, not at 0"
    return f"observations are {type(space).__name__}; it takes Box, Discrete, MultiDiscrete, MultiBinary and Dict"
