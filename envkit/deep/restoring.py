"""A network's policy as arrays, and the policy again from them."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.core.optional import need
from envkit.core.policy import Policy
from envkit.core.show import error_line
from envkit.deep import normalizer as normalizing
from envkit.deep.building import Kind, algorithm, class_arguments, own_randomness, policy_arguments, policy_class
from envkit.deep.forward import Network
from envkit.deep.normalizer import Normalizer
from envkit.deep.plan import MERGED, SPREAD, Plan, merged, plan_of
from envkit.deep.policies import NetworkPolicy, SquashedPolicy, TorchPolicy
from envkit.runs.arrays import Arrays

# In a policy's arrays: before the names of its network's, its plan for NumPy as JSON, and the kinds of its spaces.
STATE, PLAN, TAKES = "state/", "plan", "takes"
BOUNDS = ("low", "high")  # of actions, beside the network's own


def weights_of(
    policy: Any, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], scaler: Normalizer | None
) -> dict[str, Any]:
    """The arrays of a policy of Stable-Baselines3, for an environment of these spaces."""
    state = policy.state_dict().items()
    arrays: dict[str, Any] = {f"{STATE}{name}": value.detach().cpu().numpy().copy() for name, value in state}
    arrays[TAKES] = np.array(_kinds(observation_space, action_space))
    plan = plan_of(policy)
    if plan:
        arrays[PLAN] = np.array(json.dumps(plan))
        arrays |= {f"{STATE}{name}": value for name, value in merged(policy).items()}
        if isinstance(action_space, spaces.Box):
            arrays |= {f"{STATE}{name}": getattr(action_space, name) for name in BOUNDS}
    return arrays if scaler is None else arrays | scaler.arrays()


def restored(
    arrays: Arrays, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], settings: Mapping[str, Any],
    kind: Kind,
) -> Policy:  # fmt: skip
    """A policy from its weights.

    Raises:
      ArtifactRefused: they are damaged, or do not fit the spaces.
      MissingExtra: it takes torch to play it, and that is missing.
    """
    scaler = normalizing.of_arrays(arrays)
    taken = [str(one) for one in arrays[TAKES]] if TAKES in arrays else []
    offered = _kinds(observation_space, action_space)
    if taken != offered:
        wrong = [f"{there}, and it takes {own}" for own, there in zip(taken, offered, strict=False) if own != there]
        raise ArtifactRefused(f"the policy does not fit: there are {'; '.join(wrong) or 'spaces it knows nothing of'}")
    if PLAN in arrays:
        try:
            sample = _like(observation_space)
            policy = _planned(json.loads(str(arrays[PLAN])), from_arrays(arrays), scaler)
            action = policy.start(np.random.default_rng(0)).act(sample, {})
        except Exception as error:  # weights of another shape, or none at all
            raise ArtifactRefused(f"the policy does not fit {observation_space}: {error_line(error)}") from error
        if not action_space.contains(action):
            raise ArtifactRefused(f"the policy does not fit: it acts {action!r}, which is not in {action_space}")
        return policy
    need("stable_baselines3", extra="deep", purpose="playing this policy")
    blank = _Blank(observation_space, action_space)
    from stable_baselines3.common.vec_env import DummyVecEnv

    with own_randomness():
        vec = DummyVecEnv([lambda: blank])
        model = algorithm(kind)(
            policy_class(kind, settings, observation_space), vec, device="cpu",
            policy_kwargs=policy_arguments(kind, settings),
            **class_arguments(kind, settings, 1) | ({"buffer_size": 1} if kind.off_policy else {}),
        )  # fmt: skip
    try:
        load_weights(model, arrays)
    except Exception as error:
        raise ArtifactRefused(f"the policy does not fit the environment: {error_line(error)}") from error
    return TorchPolicy(model.policy, scaler)


def _planned(plan: Plan, state: Arrays, scaler: Normalizer | None) -> NetworkPolicy:
    network = Network(plan, state)
    if SPREAD not in plan:
        return NetworkPolicy(network, scaler)
    return SquashedPolicy(network, scaler, spread=Network({**plan, "layers": plan[SPREAD]}, state))


def _kinds(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> list[str]:
    return [f"observations {kind_of(observation_space)}", f"actions {kind_of(action_space)}"]


class _Blank(gymnasium.Env[Any, Any]):
    """Has spaces and nothing else: a network is made for them."""

    def __init__(self, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]):
        self.observation_space, self.action_space = observation_space, action_space


def _like(space: spaces.Space[Any]) -> Any:
    own = copy.deepcopy(space)
    own.seed(0)
    return own.sample()


def from_arrays(arrays: Arrays) -> dict[str, Any]:
    """{name: array} of a network's state, from what `weights_of` has written."""
    return {name.removeprefix(STATE): value for name, value in arrays.items() if name.startswith(STATE)}


def load_weights(model: Any, arrays: Arrays) -> None:
    import torch

    named = from_arrays(arrays).items()
    state = {name: value for name, value in named if name not in BOUNDS and not name.startswith(f"{MERGED}.")}
    model.policy.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})


def kind_of(space: spaces.Space[Any]) -> str:
    """What a network needs to know of a space, as people read it: `Box (4,)`, `Discrete 2`."""
    if isinstance(space, spaces.Dict):
        return ", ".join(f"{name}: {kind_of(part)}" for name, part in space.spaces.items())
    size = space.n if isinstance(space, spaces.Discrete) else getattr(space, "nvec", space.shape)
    return f"{type(space).__name__} {size}"
