"""An algorithm of one's own, without a base class: a function that is given an environment and returns a policy.

    def climb(make, seed, steps, *, noise=0.1):
        env = make()
        ...
        return policy

`make()` makes the environment, as often as it is wanted; every step in it is counted, and every episode is written
down. `seed` is of all randomness, `steps` is how many may be taken. What follows the star are hyper-parameters, of the
types that their defaults have. The policy is a function from an observation to an action, or any object that can be
called so. Where it has a method `arrays()`, which returns its numbers as NumPy arrays by name, and its class a class
method `of_arrays(arrays)`, the run can be played again.
"""

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import FOREIGN, ArtifactRefused, EnvironmentFailed, EnvkitError, UsageError
from envkit.core.modules import attribute
from envkit.core.policy import FunctionPolicy, Policy
from envkit.core.settings import ANYTHING, Setting
from envkit.core.show import error_line, show
from envkit.deep.learner import Episode, Learner, Trained, Training
from envkit.deep.monitored import FAILURE, Monitored
from envkit.runs.arrays import Arrays

GIVEN = ("make", "seed", "steps")
KIND = "policy-class"  # in a policy's arrays: the name of its class, in the algorithm's module
NO_ARRAYS = "the policy cannot be kept: it has no method arrays(), or its class no of_arrays(arrays)"

Algorithm = Callable[..., Any]


class Enough(BaseException):
    """Goes through the algorithm when it is to stop; no `except Exception` of its own holds it up."""


def own_algorithm(name: str, function: Algorithm | None = None) -> Learner:
    """The algorithm that `module:function` or `path/file.py:function` names, as any other.

    Args:
      function: itself, where it is known already.

    Raises:
      UsageError: there is no such function, or it takes something else.
    """
    if function is None:
        wanted = "a function of (make, seed, steps) that returns a policy"
        function = attribute(name, str(Path.cwd()), kind="algorithm", wanted=wanted, fits=callable)
    return Learner(
        name=name,
        summary=f"{name}: {(inspect.getdoc(function) or 'an algorithm of your own').partition(chr(10))[0]}",
        settings=tuple(_settings(name, function)),
        refusal=lambda *_: "",  # it knows best what spaces it takes
        train=partial(_train, name, function),
        restored=partial(_restored, name, function),
        stoppable=False,
    )


def _settings(name: str, function: Algorithm) -> list[Setting]:
    """Its keyword arguments."""
    parameters = list(inspect.signature(function).parameters.values())
    first = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    rest = [one for one in parameters if one.kind is one.KEYWORD_ONLY]
    if tuple(first) != GIVEN:
        raise UsageError(f"the algorithm {name} takes ({', '.join(first)}); it is to take ({', '.join(GIVEN)})")
    return [_setting(name, one.name, one.default) for one in rest]


def _setting(algorithm: str, name: str, default: Any) -> Setting:
    about = f"of {algorithm}"
    if isinstance(default, bool):
        return Setting(name, default, about, flag=True)
    if isinstance(default, int | float):
        return Setting(name, default, about, whole=isinstance(default, int))
    if isinstance(default, str):
        return Setting(name, default, about, text=ANYTHING)
    raise UsageError(f"the algorithm {algorithm}: {name} has the default {show(default)}, no number, text or bool")


@dataclass
class _Learning:
    """What an algorithm of one's own has come to, as an overseer sees it."""

    name: str
    steps: int = 0
    resting: int = 0
    found: Any = None

    def policy(self) -> Policy:
        if self.found is None:
            raise UsageError(f"{self.name} has a policy only at its end, so there is nothing to be shown before")
        return _policy(self.found)

    def finite(self) -> bool:
        return True

    def weights(self) -> Arrays:
        if not _can_be_kept(self.found):
            return {}
        arrays = {name: np.asarray(value) for name, value in self.found.arrays().items()}
        return {**arrays, KIND: np.array(type(self.found).__qualname__)}

    def state(self) -> Arrays:
        return {}


def _train(name: str, function: Algorithm, training: Training) -> Trained:
    given = {"n_envs": training.n_envs != 1, "normalize": training.normalize, "views": training.views}
    for what, wrong in given.items():
        if wrong:
            raise UsageError(f"{name} makes its environments itself, so {what} is not for it")
    if training.kept is not None or training.initial is not None:
        raise UsageError(f"{name} cannot be gone on with: only it knows how; start it anew")
    learning = _Learning(name)
    made: list[_Counted] = []

    def make() -> _Counted:
        made.append(_Counted(training, learning, len(made)))
        return made[-1]

    training.overseer.at_rest(learning)
    try:
        learning.found = function(make, training.seed, training.steps, **training.settings)
    except Enough:
        return Trained(learning, stopped=True)
    except EnvkitError:
        raise
    except FOREIGN as error:
        raise EnvironmentFailed(
            f"the algorithm {name} raised {error_line(error)}{_place(error, function)}", cause=error
        ) from error
    finally:
        for env in made:
            env.close()
    if not callable(learning.found) and not hasattr(learning.found, "start"):
        raise UsageError(f"{name} returned {show(learning.found)}, not a policy: a function from observation to action")
    learning.resting = learning.steps
    notes = () if _can_be_kept(learning.found) else (NO_ARRAYS,)
    return Trained(learning, stopped=False, notes=notes)


def _place(error: BaseException, function: Algorithm) -> str:
    """Where in the algorithm's own file it came up, as editors find it; libraries may have raised it further down."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == inspect.getsourcefile(function)]
    return f", at {own[-1].filename}:{own[-1].lineno}" if own else ""


class _Counted(Monitored):
    """Counts its steps as the training's, tells of its episodes, and stops the algorithm when that is wanted."""

    def __init__(self, training: Training, learning: _Learning, number: int):
        super().__init__(training.ref.make(), str(training.ref), number)
        self.training, self.learning = training, learning

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = super().reset(seed=seed, options=options)
        self._raise_failure(info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = super().step(action)
        self._raise_failure(info)
        self.learning.steps += 1
        told = info.get("episode")
        if (terminated or truncated) and told:
            success = info.get("is_success")
            self.training.overseer.ended(
                Episode(
                    self.learning.steps, self.number, told["r"], told["own"], told["l"],
                    None if success is None else bool(success),
                )
            )  # fmt: skip
        if not self.training.overseer.stepped(self.learning):
            raise Enough
        return observation, reward, terminated, truncated, info

    def _raise_failure(self, info: Mapping[str, Any]) -> None:
        if FAILURE in info:
            raise EnvironmentFailed(info[FAILURE], method="step")


def _policy(found: Any) -> Policy:
    policy: Policy = found if hasattr(found, "start") else FunctionPolicy(found)
    return policy


def _can_be_kept(found: Any) -> bool:
    return callable(getattr(found, "arrays", None)) and callable(getattr(type(found), "of_arrays", None))


def _restored(
    name: str, function: Algorithm, arrays: Arrays, observation_space: spaces.Space[Any],
    action_space: spaces.Space[Any], settings: Mapping[str, Any],  # noqa: ARG001 - its own affair
) -> Policy:  # fmt: skip
    """The policy from its arrays, by the class of that name in the algorithm's module."""
    own = {key: value for key, value in arrays.items() if key != KIND}
    kind: Any = inspect.getmodule(function)
    for part in str(arrays[KIND]).split(".") if KIND in arrays else ("",):
        kind = getattr(kind, part, None)
    read = getattr(kind, "of_arrays", None)
    if not (isinstance(kind, type) and callable(read)):
        raise ArtifactRefused(f"the policy cannot be read: {NO_ARRAYS.partition(': ')[2]} in the module of {name}")
    try:
        policy = _policy(read(own))
        policy.start(np.random.default_rng(0)).act(observation_space.sample(), {})
    except Exception as error:
        raise ArtifactRefused(f"the policy does not fit: {kind.__name__} raised {error_line(error)}") from error
    return policy
