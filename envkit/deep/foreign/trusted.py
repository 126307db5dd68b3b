"""A saved model as Stable-Baselines3's own loader makes it: pickles and all, so only for files of people one trusts."""

import importlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.core.optional import need
from envkit.core.policy import Actor
from envkit.core.show import error_line
from envkit.deep.foreign.about import Algorithm, algorithm_of
from envkit.deep.foreign.reading import Foreign
from envkit.deep.restoring import kind_of


@dataclass(frozen=True, eq=False)
class TrustedPolicy:
    """A policy that Stable-Baselines3 itself plays; `model` is one of its algorithms.

    Args:
      deterministic: whether it takes the likeliest action; else it draws one.
    """

    model: Any
    deterministic: bool = True

    def start(self, rng: np.random.Generator) -> Actor:
        return _TrustedActor(self, rng)


class _TrustedActor:
    """Keeps what a recurrent network remembers of the episode."""

    def __init__(self, policy: TrustedPolicy, rng: np.random.Generator):
        self.model, self.deterministic, self.rng = policy.model, policy.deterministic, rng
        self.state: Any = None
        self.begins = np.ones(1, bool)
        if self.model.use_sde:  # noise that depends on the state, and stays the same for an episode
            with self._own_draws():
                self.model.policy.reset_noise()

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        more = {}
        if type(self.model).__name__ == "MaskablePPO" and "action_mask" in info:
            more["action_masks"] = info["action_mask"]
        with self._own_draws():
            action, self.state = self.model.predict(
                observation, state=self.state, episode_start=self.begins, deterministic=self.deterministic, **more
            )
        self.begins = np.zeros(1, bool)
        return action if np.ndim(action) else action[()]

    @contextmanager
    def _own_draws(self) -> Iterator[None]:
        """What torch draws inside is the episode's own, and leaves its global generator as it was."""
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(self.rng.integers(2**31)))
            yield


def trusted(
    model: Foreign, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], env: str
) -> tuple[TrustedPolicy, Algorithm]:
    """The policy of a file, whatever its pickles do when they are loaded.

    Raises:
      ArtifactRefused: it cannot be loaded, or plays in other spaces.
    """
    algorithm = algorithm_of(model.about)
    module, _, name = algorithm.where.partition(":")
    need(module, extra="deep", purpose=f"loading {model.path}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ; what follows from that is seen when it plays
            loaded = getattr(importlib.import_module(module), name).load(io.BytesIO(model.content), device="cpu")
    except Exception as error:  # somebody else's code: anything may happen
        raise ArtifactRefused(f"{name} of {module} cannot load it: {error_line(error)}") from error
    for what, own, theirs in (
        ("observation", loaded.observation_space, observation_space),
        ("action", loaded.action_space, action_space),
    ):
        if type(own) is not type(theirs) or sorted(own.shape or ()) != sorted(theirs.shape or ()):
            raise ArtifactRefused(f"its {what}s are {kind_of(own)}, and those of {env} are {kind_of(theirs)}")
    return TrustedPolicy(loaded), algorithm
