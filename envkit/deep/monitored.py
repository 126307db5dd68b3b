"""An environment in training: it counts its episodes, stops what no network can learn from, and can be brought back.

Going on with a training needs its environments as they were. Most have no state that could be written into a file; but
all of them draw from their generator and answer to actions. So what is kept is how the present episode began, which is
the seed or the generator's state, and its actions since: they lead to the same place again.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import MultiBinary, flatdim

from envkit.core.digest import digest
from envkit.core.errors import FOREIGN, ArtifactRefused
from envkit.core.layers import layers
from envkit.core.shaping import own_return
from envkit.core.show import error_line, show

FAILURE = "envkit_failure"  # in an info: why training cannot go on, for in a worker nobody hears an exception
ARRAYS = (np.ndarray, np.generic)
LARGEST = 1e18  # the squares of larger numbers overflow in single precision


class Monitored(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Adds `info["episode"]` at an episode's end: `r`, `l` and `t` as Stable-Baselines3 wants them, and `own`.

    What fails, and observations or rewards that are not finite, or too large for a network, end up in
    `info["envkit_failure"]`, and nothing is stepped after that.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], name: str, number: int):
        super().__init__(env)
        self.name, self.number = name, number
        self.episode, self.begun = -1, time.monotonic()
        self.paid, self.length = 0.0, 0
        self.failure = ""
        self._seed: int | None = None
        self._generator: Mapping[str, Any] | None = None
        self._wrappers: list[Mapping[str, Any]] = []  # states of the generators of wrappers that draw themselves
        self._actions: list[Any] = []
        self._observation: Any = None
        self._mask: Any = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        core = self.env.unwrapped
        self._seed = seed
        self._generator = None if seed is not None or core._np_random is None else core._np_random.bit_generator.state
        self._wrappers = [one.bit_generator.state for one in self._drawing()]
        self._actions = []
        self.episode += 1
        self.paid, self.length = 0.0, 0
        try:
            observation, info = self.env.reset(seed=seed, options=options)
        except FOREIGN as error:
            self.failure = f"{self._where('reset()')} raised {error_line(error)}"
            return _zeros(self.observation_space), {FAILURE: self.failure}
        if self._look_at(observation, None):
            return _zeros(self.observation_space), {FAILURE: self.failure}
        self._mask = info.get("action_mask")
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        if self.failure:
            return _zeros(self.observation_space), 0.0, False, True, {FAILURE: self.failure}
        self._actions.append(action)
        try:
            observation, given, terminated, truncated, info = self.env.step(action)
        except FOREIGN as error:
            self.failure = f"{self._where(f'step({show(action)})')} raised {error_line(error)}"
            return _zeros(self.observation_space), 0.0, False, True, {FAILURE: self.failure}
        try:
            reward = float(given)
        except FOREIGN:
            self.failure = f"{self._where(self._last_call())} returned the reward {show(given)}, which is no number"
            return _zeros(self.observation_space), 0.0, False, True, {FAILURE: self.failure}
        self.length += 1
        self.paid += reward
        self._mask = info.get("action_mask")
        if self._look_at(observation, reward):
            return _zeros(self.observation_space), 0.0, False, True, {FAILURE: self.failure}
        if terminated or truncated:
            own = own_return(self.env)
            spent = round(time.monotonic() - self.begun, 6)
            told = {"r": self.paid, "l": self.length, "t": spent, "own": self.paid if own is None else own}
            info = info | {"episode": told}
        return observation, reward, terminated, truncated, info

    def action_masks(self) -> Any:
        """[A]: which actions are available now, as Stable-Baselines3 asks for it; all where the info does not say."""
        if self._mask is not None:
            return np.ravel(self._mask).astype(np.bool_)
        size = flatdim(self.action_space)
        return np.ones(2 * size if isinstance(self.action_space, MultiBinary) else size, np.bool_)

    def mark(self) -> dict[str, Any]:
        """How to come back here: of JSON's kinds, but for the actions, which are the action space's."""
        return {
            "seed": self._seed,
            "generator": self._generator,
            "wrappers": list(self._wrappers),
            "actions": list(self._actions),
            "episode": self.episode,
            "observation": digest(self._observation),
        }

    def restore(self, mark: Mapping[str, Any]) -> None:
        """Comes back to where `mark` was taken, on a fresh instance.

        Raises:
          ArtifactRefused: when the actions do not lead there.
        """
        if mark["generator"] is not None:
            self.env.reset(seed=0)  # so that there is a generator
            self.env.unwrapped.np_random.bit_generator.state = mark["generator"]
        for one, state in zip(self._drawing(), mark["wrappers"], strict=True):
            one.bit_generator.state = state
        self.reset(seed=mark["seed"])
        for number, action in enumerate(mark["actions"]):
            *_, terminated, truncated, _ = self.step(action)
            if self.failure or ((terminated or truncated) and number + 1 < len(mark["actions"])):
                raise ArtifactRefused(self.failure or f"{self.name} ends elsewhere now than it did then")
        if digest(self._observation) != mark["observation"]:
            raise ArtifactRefused(f"{self.name} shows something else now than it did then")
        self.episode = mark["episode"]

    def _drawing(self) -> list[np.random.Generator]:
        """The generators of wrappers that have one of their own, such as `--wrap noise`."""
        held = [getattr(layer, "generator", None) for layer in layers(self.env)]
        return [one for one in held if isinstance(one, np.random.Generator)]

    def _look_at(self, observation: Any, reward: float | None) -> str:
        self._observation = observation
        if reward is not None and not -LARGEST < reward < LARGEST:
            why = ", which no network can learn from" if math.isfinite(reward) else ""
            self.failure = f"{self._where(self._last_call())} returned the reward {reward}{why}"
        elif found := misshapen(self.observation_space, observation) or unusable(observation):
            self.failure = f"{self._where(self._last_call())} returned {found}"
        return self.failure

    def _last_call(self) -> str:
        return f"step({show(self._actions[-1])})" if self._actions else "reset()"

    def _where(self, call: str) -> str:
        which = f"environment {self.number}, " if self.number else ""
        return f"{call} of {self.name}, {which}episode {self.episode}, step {max(self.length - 1, 0)},"


def _zeros(space: gymnasium.Space[Any]) -> Any:
    """A member of the space's shape; it is never learnt from."""
    if isinstance(space, gymnasium.spaces.Dict):
        return {name: _zeros(part) for name, part in space.spaces.items()}
    if isinstance(space, gymnasium.spaces.Discrete):
        return space.start
    return np.zeros(space.shape or (), space.dtype)


def misshapen(space: gymnasium.Space[Any], observation: Any) -> str:
    """What of an observation has another shape than its space; a buffer of arrays would stretch it without a word."""
    if type(observation) is np.ndarray and observation.shape == space.shape:
        return ""
    if isinstance(space, gymnasium.spaces.Dict):
        if not isinstance(observation, Mapping) or set(observation) != set(space.spaces):
            return f"{show(observation)}, not a dictionary of {', '.join(space.spaces)}"
        found = ((name, misshapen(part, observation[name])) for name, part in space.spaces.items())
        return next((f"{told} under the key {name!r}" for name, told in found if told), "")
    try:
        shape = np.shape(observation)
    except ValueError:  # its parts are of several lengths
        return f"{show(observation)}, which is no array of shape {space.shape}"
    if isinstance(space, gymnasium.spaces.Discrete) and observation is None:
        return "None, not a whole number"
    return "" if shape == (space.shape or ()) else f"an observation of shape {shape}, not {space.shape}"


def unusable(observation: Any) -> str:
    """What in an observation no network can take, with its key and index; empty where there is no such thing."""
    if isinstance(observation, ARRAYS):
        return _unusable_entry(observation)
    if isinstance(observation, Mapping):
        for name, part in observation.items():
            if found := unusable(part):
                return f"{found} under the key {name!r}" if " under the key " not in found else found
        return ""
    return ""


def _unusable_entry(observation: Any) -> str:
    # The sum of the squares is the quickest look at all entries; the comparison is false too where one is nan.
    if observation.dtype.kind != "f" or np.vdot(observation, observation) < LARGEST**2:
        return ""
    if not observation.size or np.abs(observation).max() < LARGEST:
        return ""
    wrong = np.argwhere(~(np.abs(observation) < LARGEST))[0]
    place = ", ".join(map(str, wrong))
    return f"an observation with {observation[tuple(wrong)]:g} at [{place}], which no network can take"
