"""A saved model as a policy: its file, the spaces it is to play in, and what becomes of the two."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.core.policy import Policy
from envkit.core.show import error_line
from envkit.deep.foreign.about import TRUST, About, algorithm_of, check_class, check_spaces
from envkit.deep.foreign.deriving import derived
from envkit.deep.foreign.reading import Foreign, read
from envkit.deep.foreign.trusted import trusted


def foreign_policy(
    path: Path, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], env: str, *, trust: bool = False
) -> tuple[Policy, str, float]:
    """The policy in a file, the name of the algorithm that found it, and the discount under which it did.

    Args:
      env: the environment's name, for errors.
      trust: let Stable-Baselines3's own loader have it, and so the pickles in it.

    Raises:
      ArtifactRefused: it is damaged, means harm, or does not fit the spaces; nothing in it was executed.
    """
    model = read(path)
    try:
        policy, name = _policy(model, observation_space, action_space, env, trust)
        _play_once(policy, observation_space, action_space)
    except ArtifactRefused as error:
        said = str(error)
        raise ArtifactRefused(said if str(path) in said else f"{path}: {said}") from error
    return policy, name, _discount(model.about)


def _policy(
    model: Foreign, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], env: str, trust: bool
) -> tuple[Policy, str]:
    if trust:
        policy, algorithm = trusted(model, observation_space, action_space, env)
        return policy, algorithm.name
    tensors = model.tensors
    algorithm = algorithm_of(model.about)
    check_class(model.about)
    check_spaces(model.about, observation_space, action_space, env)
    return derived(tensors, model.about, observation_space, action_space, env), algorithm.name


def _play_once(policy: Policy, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> None:
    """One action, on any observation: what goes wrong goes wrong now, and not in the middle of an episode."""
    space = copy.deepcopy(observation_space)
    space.seed(0)
    try:
        action = policy.start(np.random.default_rng(0)).act(space.sample(), {})
    except Exception as error:  # of tensors that fit in name alone
        raise ArtifactRefused(f"it cannot act: {error_line(error)}; {TRUST}") from error
    if not action_space.contains(action):
        raise ArtifactRefused(f"it acts {action!r}, which is not in {action_space}")


def _discount(about: About) -> float:
    said = about.get("gamma")
    return float(said) if isinstance(said, int | float) and 0 <= said <= 1 else 1.0
