"""A model at work: what it would do now, and all that is needed to go on with it in another process.

Environments are brought back by their generators and actions (`envkit.deep.monitored`), all else is written down.
"""

import json
import math
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.codec import NotPlain, decode, encode
from envkit.core.errors import ArtifactRefused, Diverged, EnvironmentFailed
from envkit.core.policy import Policy
from envkit.core.show import error_line
from envkit.deep import packing, replay
from envkit.deep.building import Kind
from envkit.deep.learner import Training
from envkit.deep.normalizer import Normalizer, running
from envkit.deep.restoring import restored, weights_of
from envkit.runs.arrays import Arrays

EXACT, STATISTICAL = "exact", "statistical"
COUNTERS = ("num_timesteps", "_n_updates", "_episode_num", "_current_progress_remaining")
LAST = ("_last_obs", "_last_original_obs", "_last_episode_starts")


def diverged(what: str) -> Diverged:
    """That a network has gone astray, and what helps."""
    cure = "a smaller learning_rate or max_grad_norm, or rewards and observations of a smaller scale, help"
    return Diverged(f"{what}: {cure}", method="step")


@dataclass
class ModelLearning:
    """A model at work, and how to keep it."""

    kind: Kind
    training: Training
    model: Any
    vec: Any
    notes: list[str] = field(default_factory=list)
    _rest: dict[str, Any] = field(default_factory=dict)  # what was true at the last safe point
    _randomness: Any = None  # to be set again when training begins
    _measured: dict[str, float] = field(default_factory=dict)  # likewise: what was not told yet
    _resting: int = 0  # steps at the last safe point

    @property
    def steps(self) -> int:
        return int(self.model.num_timesteps)

    @property
    def resting(self) -> int:
        return self._resting

    def policy(self) -> Policy:
        """What it would do now, the likeliest action taken."""
        return restored(self.weights(), *self._spaces(), self.training.settings, self.kind)

    def _spaces(self) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        """Of the environment itself."""
        vec = self.vec.venv if self.training.normalize else self.vec
        return vec.observation_space, vec.action_space

    def weights(self) -> dict[str, Any]:
        return weights_of(self.model.policy, *self._spaces(), self._normalizer())

    def finite(self) -> bool:
        """Whether all weights are numbers."""
        import torch

        return all(bool(torch.isfinite(part).all()) for part in self.model.policy.parameters())

    def rest(self) -> None:
        """At a safe point: what it takes to come back here is noted, or can be until the next step.

        Raises:
          Diverged: the weights are no numbers any more.
        """
        self._resting, self._rest = self.steps, {}
        if self.kind.long_rollouts:
            self.check_finite()
            self.settle()  # for it may be stopped in the midst of the rollout that begins here
        elif not all(math.isfinite(value) for name, value in self.model.logger.name_to_value.items() if "loss" in name):
            self.check_finite()

    def check_finite(self) -> None:
        """Raises Diverged where the weights are no numbers any more."""
        if not self.finite():
            raise diverged(f"the network's weights are no numbers any more after {self.steps:,} steps")

    def settle(self) -> None:
        """Notes what is true at a safe point, but for the networks, which are at rest until the next one."""
        import torch

        model = self.model
        self._resting = self.steps
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        self._rest = {
            "counters": {name: getattr(model, name) for name in (*COUNTERS, *self.kind.counters)},
            "last": {name: getattr(model, name) for name in LAST},
            "extra": {name: getattr(model, name) for name in self.kind.extra},
            "episodes": list(model.ep_info_buffer or ()),
            "successes": list(model.ep_success_buffer or ()),
            "random": {
                "python": random.getstate(),
                "numpy": np.random.get_state(),
                "torch": torch.get_rng_state(),
                "cuda": cuda,
                "actions": model.action_space.np_random.bit_generator.state,
                "noise": _noise(getattr(model, "action_noise", None)),
            },
            "marks": self._marks(),
            "measured": {name: float(value) for name, value in model.logger.name_to_value.items()},
        }
        if self.training.normalize:
            self._rest["normalize"] = _normalize_state(self.vec)
        if not self.kind.long_rollouts:
            self.check_finite()
        if self.kind.off_policy:
            self._rest["replay"] = replay.kept(model.replay_buffer)

    def _marks(self) -> list[Any]:
        try:
            found: list[Any] = self.vec.env_method("mark")
        except EnvironmentFailed:  # a process of theirs is dead, which has been told
            return []
        return found

    def state(self) -> dict[str, Any]:
        if not self._rest:
            self.settle()
        rest = dict(self._rest)
        try:
            marks = encode(rest.pop("marks"))
        except NotPlain as error:
            marks = []
            self.notes.append(f"the environments cannot be brought back: {error}")
        names, tensors = self.model._get_torch_save_params()
        parameters = {name: _part(self.model, name).state_dict() for name in names}
        loose = {name: _part(self.model, name) for name in tensors}
        kept = {**rest, "marks": json.dumps(marks), "parameters": parameters, "tensors": loose}
        return packing.packed(kept)

    def restore(self, arrays: Arrays) -> str:
        """Goes back to what was kept; returns how well."""
        kept = packing.unpacked(arrays, "the checkpoint")
        model = self.model
        try:
            for name, part in kept["parameters"].items():
                _part(model, name).load_state_dict(packing.with_tensors(part))
            for name, tensor in packing.with_tensors(kept["tensors"]).items():
                _part(model, name).data = tensor.data
            for name, value in kept["counters"].items():
                setattr(model, name, value)
            for name, value in (kept["last"] | kept["extra"]).items():
                setattr(model, name, _as(getattr(model, name), packing.with_tensors(value)))
            model.ep_info_buffer = deque(kept["episodes"], maxlen=model._stats_window_size)
            model.ep_success_buffer = deque(kept["successes"], maxlen=model._stats_window_size)
            if "normalize" in kept:
                _set_normalize_state(self.vec, kept["normalize"])
            self._randomness = kept["random"]
            self._measured = kept["measured"]
            marks = decode(json.loads(kept["marks"]))
            self._resting = self.steps
            is_whole = not self.kind.off_policy or self._remember(kept)
        except (KeyError, ValueError, RuntimeError, TypeError, AttributeError, NotPlain) as error:
            raise ArtifactRefused(f"the checkpoint does not fit: {error_line(error)}") from error
        try:
            if len(marks) != self.vec.num_envs:
                raise ArtifactRefused(f"{len(marks)} environments were kept, and there are {self.vec.num_envs}")
            for number, mark in enumerate(marks):
                self.vec.env_method("restore", mark, indices=[number])
        except (ArtifactRefused, EnvironmentFailed) as error:
            model._last_obs = None
            fresh = np.random.SeedSequence([self.training.seed, self.steps]).generate_state(1)[0]
            self.vec.seed(int(fresh >> 1))  # not those of the first episodes once more
            self.notes.append(f"the environments began new episodes: {error}")
            return STATISTICAL
        self.vec.unwrapped._reset_seeds()  # which else the next reset would take, as if it were the first
        return EXACT if is_whole else STATISTICAL

    def _remember(self, kept: Mapping[str, Any]) -> bool:
        """Fills the replay memory again; whether that could be done. If not, learning waits a while."""
        if kept["replay"] is None:
            why = "it was too large to be kept"
        else:
            try:
                replay.restore(self.model.replay_buffer, kept["replay"])
                return True
            except ArtifactRefused as error:
                why = str(error)
        self.model.learning_starts += self.model.num_timesteps
        self.notes.append(f"the replay memory is filled anew: {why}")
        return False

    def begin(self) -> None:
        """The generators as they were at the safe point, now that all is made."""
        if self._randomness is None:
            return
        import torch

        for name, value in self._measured.items():
            self.model.logger.record(name, value)
        kept = self._randomness
        random.setstate(kept["python"])
        np.random.set_state(kept["numpy"])
        torch.set_rng_state(packing.with_tensors(kept["torch"]))
        self.model.action_space.np_random.bit_generator.state = kept["actions"]
        _set_noise(getattr(self.model, "action_noise", None), kept["noise"])
        if kept["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(packing.with_tensors(kept["cuda"]))
        self._randomness = None

    def _normalizer(self) -> Normalizer | None:
        if "observation" not in self.training.normalize:
            return None
        return Normalizer.of_vec(self.vec)


def _as(own: Any, value: Any) -> Any:
    """The value in the type of what stands there now, where that is a tuple with names."""
    if hasattr(own, "_fields"):
        return type(own)(*(_as(getattr(own, name), part) for name, part in zip(own._fields, value, strict=True)))
    return value


def _noise(noise: Any) -> list[Any]:
    """What an action noise remembers of the step before, for each environment."""
    parts = getattr(noise, "noises", [noise])
    return [getattr(part, "noise_prev", None) for part in parts]


def _set_noise(noise: Any, kept: list[Any]) -> None:
    for part, before in zip(getattr(noise, "noises", [noise]), kept, strict=False):
        if before is not None:
            part.noise_prev = before


def _part(model: Any, name: str) -> Any:
    """`policy.optimizer` of a model."""
    for step in name.split("."):
        model = getattr(model, step)
    return model


def _normalize_state(vec: Any) -> dict[str, Any]:
    own = {name: {"mean": one.mean, "var": one.var, "count": one.count} for name, one in running(vec).items()}
    paid = {"mean": vec.ret_rms.mean, "var": vec.ret_rms.var, "count": vec.ret_rms.count}
    return {"observation": own, "reward": paid, "returns": vec.returns}


def _set_normalize_state(vec: Any, kept: Mapping[str, Any]) -> None:
    rms = running(vec)
    for name, one in kept["observation"].items():
        rms[name].mean, rms[name].var, rms[name].count = one["mean"], one["var"], one["count"]
    paid = kept["reward"]
    vec.ret_rms.mean, vec.ret_rms.var, vec.ret_rms.count = paid["mean"], paid["var"], paid["count"]
    if len(kept["returns"]) == vec.num_envs:  # else the environments begin anew
        vec.returns = np.array(kept["returns"])
