"""An environment's own batch in training: its `vector_entry_point`, with what a training needs of its environments.

What single environments do in `envkit.deep.monitored` is done here for all rows at once: episodes are counted, what no
network can learn from ends the training, and a batch that has `get_state` and `set_state` is brought back to where it
was. Any other batch begins new episodes when a training is gone on with.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from envkit.core.batches import batch
from envkit.core.errors import FOREIGN, ArtifactRefused, EnvironmentFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show
from envkit.deep.monitored import misshapen, unusable
from envkit.deep.vec_env import MASKS, BatchVecEnv, Indices

READ = ("is_success", "action_mask", "lives")  # of the infos: what a training reads


class NativeVecEnv(BatchVecEnv):
    """The environments of a training, as one batch."""

    def __init__(self, ref: EnvRef, n_envs: int):
        """
        Raises:
          UsageError: the environment has no batch of its own, or one that cannot be trained on.
          EnvironmentFailed: it cannot be made.
        """
        self.name = str(ref)
        try:
            made = batch(ref, n_envs)
        except UsageError as error:
            raise UsageError(f"{error}; leave --batch out") from error
        except FOREIGN as error:
            told = f"the batch of {ref} could not be made: {error_line(error)}"
            raise EnvironmentFailed(told, method="__init__", cause=error) from error
        try:
            super().__init__(made, info_keys=READ)
        except ValueError as error:
            made.close()
            raise UsageError(f"{ref} cannot be played with --batch: {error}") from error

    def reset(self) -> Any:
        try:
            observations = super().reset()
        except FOREIGN as error:
            raise self._failed("reset()", error) from error
        self._look_at_all(observations, "reset()")
        return observations

    def step_wait(self) -> tuple[Any, Any, Any, list[dict[str, Any]]]:
        try:
            observations, rewards, dones, infos = super().step_wait()
        except FOREIGN as error:
            raise self._failed(f"step({show(self._actions)})", error) from error
        self._look_at_all(observations, "step()")
        if not np.isfinite(rewards).all():
            row = int(np.argmin(np.isfinite(rewards)))
            raise self._told("step()", f"returned the reward {rewards[row]} in row {row}")
        for place in np.flatnonzero(dones).tolist():
            self._look_at(infos[place]["terminal_observation"], "step()", f" at the end of an episode of row {place}")
        return observations, rewards, dones, infos

    def _episode(self, paid: float, length: int, seconds: float) -> dict[str, Any]:
        """To the last digit, as of single environments in a training; no wrapper is there to pay anything else."""
        return {"r": paid, "l": length, "t": seconds, "own": paid}

    def env_method(self, method_name: str, *arguments: Any, indices: Indices = None, **keywords: Any) -> list[Any]:
        """As of any batch, and what goes on with a training asks of its environments: `mark` and `restore`."""
        if method_name == "mark":
            return [self._mark(), *[None] * (self.num_envs - 1)]
        if method_name == "restore":
            if list(self._get_indices(indices)) == [0]:  # all of them are brought back with the first
                self._restore(*arguments)
            return [None]
        return super().env_method(method_name, *arguments, indices=indices, **keywords)

    def _mark(self) -> dict[str, Any] | None:
        core: Any = self.env.unwrapped
        if not all(callable(getattr(core, name, None)) for name in ("get_state", "set_state")):
            return None
        masks = None if self._masks is None else self._masks.copy()
        counted = {"returns": self._returns.copy(), "lengths": self._lengths.copy(), MASKS: masks}
        return {"state": core.get_state(), **counted}

    def _restore(self, mark: Mapping[str, Any] | None) -> None:
        """Raises ArtifactRefused where the batch cannot be brought back."""
        core: Any = self.env.unwrapped
        if mark is None:
            raise ArtifactRefused(f"the batch {type(core).__name__} has no get_state and set_state")
        try:
            super().reset()  # so that there is something to bring back
            core.set_state(mark["state"])
        except Exception as error:
            raise ArtifactRefused(f"{type(core).__name__}.set_state raised {error_line(error)}") from error
        self._returns, self._lengths, self._masks = mark["returns"], mark["lengths"], mark[MASKS]

    def _look_at_all(self, observations: Any, call: str) -> None:
        if wrong := misshapen(self.env.observation_space, observations):
            raise self._told(call, f"returned {wrong}")
        self._look_at(observations, call, "; the first index is the row")

    def _look_at(self, observation: Any, call: str, which: str) -> None:
        if wrong := unusable(observation):
            raise self._told(call, f"returned {wrong}{which}")

    def _failed(self, call: str, error: BaseException) -> EnvironmentFailed:
        return self._told(call, f"raised {error_line(error)}", error)

    def _told(self, call: str, what: str, cause: BaseException | None = None) -> EnvironmentFailed:
        method = call.partition("(")[0]
        return EnvironmentFailed(f"{self.name}, played as a batch: {call} {what}", method=method, cause=cause)
