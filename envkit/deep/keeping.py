"""A model at work: what it would do now, and all that is needed to go on with it in another process.

Environments are brought back by their generators and actions (`envkit.deep.monitored`), all else is written down.
"""

import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.codec import NotPlain, decode, encode
from envkit.core.errors import ArtifactRefused, EnvironmentFailed
from envkit.core.policy import Policy
from envkit.core.show import error_line
from envkit.deep import packing
from envkit.deep.building import Kind
from envkit.deep.learner import Training
from envkit.deep.normalizer import Normalizer, running
from envkit.deep.restoring import restored, weights_of
from envkit.runs.arrays import Arrays

EXACT, STATISTICAL = "exact", "statistical"
COUNTERS = ("num_timesteps", "_n_updates", "_episode_num", "_current_progress_remaining")


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

    @property
    def steps(self) -> int:
        return int(self.model.num_timesteps)

    @property
    def resting(self) -> int:
        return int(self._rest["counters"]["num_timesteps"])

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

    def settle(self) -> None:
        """Notes what is true at a safe point, but for the networks, which are at rest until the next one."""
        import torch

        model = self.model
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        self._rest = {
            "counters": {name: getattr(model, name) for name in (*COUNTERS, *self.kind.counters)},
            "last": {"observation": model._last_obs, "starts": model._last_episode_starts},
            "episodes": list(model.ep_info_buffer or ()),
            "successes": list(model.ep_success_buffer or ()),
            "random": {
                "python": random.getstate(),
                "numpy": np.random.get_state(),
                "torch": torch.get_rng_state(),
                "cuda": cuda,
            },
            "marks": self.vec.env_method("mark"),
            "measured": {name: float(value) for name, value in model.logger.name_to_value.items()},
        }
        if self.training.normalize:
            self._rest["normalize"] = _normalize_state(self.vec)

    def state(self) -> dict[str, Any]:
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
            model._last_obs, model._last_episode_starts = kept["last"]["observation"], kept["last"]["starts"]
            model.ep_info_buffer = deque(kept["episodes"], maxlen=model._stats_window_size)
            model.ep_success_buffer = deque(kept["successes"], maxlen=model._stats_window_size)
            if "normalize" in kept:
                _set_normalize_state(self.vec, kept["normalize"])
            self._randomness = kept["random"]
            self._measured = kept["measured"]
            marks = decode(json.loads(kept["marks"]))
        except (KeyError, ValueError, RuntimeError, TypeError, AttributeError, NotPlain) as error:
            raise ArtifactRefused(f"the checkpoint does not fit: {error_line(error)}") from error
        try:
            if len(marks) != self.vec.num_envs:
                raise ArtifactRefused(f"{len(marks)} environments were kept, and there are {self.vec.num_envs}")
            for number, mark in enumerate(marks):
                self.vec.env_method("restore", mark, indices=[number])
        except (ArtifactRefused, EnvironmentFailed) as error:
            model._last_obs = None
            self.notes.append(f"the environments began new episodes: {error}")
            return STATISTICAL
        return EXACT

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
        if kept["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(packing.with_tensors(kept["cuda"]))
        self._randomness = None

    def _normalizer(self) -> Normalizer | None:
        if "observation" not in self.training.normalize:
            return None
        return Normalizer.of_vec(self.vec)


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
