"""The network of a saved model, found again from the names and shapes of its tensors and the environment's spaces.

The names are those that Stable-Baselines3's policies give to their parts. Each tensor has to fit the one before it,
from the observation to the action, and what acts has to be made of known parts to the last tensor: what is left over
would be a part of the network that nobody plays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.deep.building import observation_refusal
from envkit.deep.foreign.about import TRUST, About, activation, scales_pictures
from envkit.deep.forward import Network
from envkit.deep.policies import NetworkPolicy, SquashedPolicy
from envkit.deep.restoring import kind_of
from envkit.runs.arrays import Arrays

Layers = list[dict[str, Any]]
STRIDES = (4, 2, 1)  # of the three convolutions that Stable-Baselines3 has
CRITICS = {
    "action_net": ("value_net.", "mlp_extractor.value_net.", "vf_features_extractor."),
    "q_net": ("q_net_target.",),
    "actor": ("critic.", "critic_target.", "actor_target."),
}


def derived(
    tensors: Arrays, about: About, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], env: str
) -> NetworkPolicy:
    """The policy that the tensors are.

    Args:
      env: the environment's name, for errors.

    Raises:
      ArtifactRefused: the tensors do not fit the spaces, or are of a network that is not known here.
    """
    why = observation_refusal(observation_space)
    if why:
        raise ArtifactRefused(f"no model of Stable-Baselines3 plays {env}: {why}")
    acting = next((part for part in CRITICS if any(name.startswith(f"{part}.") for name in tensors)), None)
    if acting is None:
        parts = ", ".join(sorted({name.partition(".")[0] for name in tensors})[:6])
        raise ArtifactRefused(f"it is made of {parts}, and has no action_net, q_net or actor; {TRUST}")
    own = {name: value for name, value in tensors.items() if not name.startswith(CRITICS[acting])}
    made = {"action_net": _actor_critic, "q_net": _greedy, "actor": _actor}[acting]
    reading = _Reading(own, about, observation_space, action_space, env)
    policy = made(reading)
    left = sorted(reading.tensors.keys() - reading.used)
    if left:
        raise ArtifactRefused(f"it has {left[0]}, which is no part of a network that is known here; {TRUST}")
    return policy


@dataclass
class _Reading:
    """Goes through a network from the observation to the action, and takes each tensor that it meets.

    Attributes:
      used: the names of those that were taken.
      width: how many numbers the last layer has given, and `giver` which layer that was, for errors.
    """

    tensors: Arrays
    about: About
    observation_space: spaces.Space[Any]
    action_space: spaces.Space[Any]
    env: str
    used: set[str] = field(default_factory=set)
    width: int = 0
    giver: str = ""

    def take(self, name: str, dimensions: int) -> npt.NDArray[Any]:
        array = self.tensors.get(name)
        if array is None:
            raise ArtifactRefused(f"it has no {name}")
        if array.ndim != dimensions or not array.size:
            raise ArtifactRefused(f"its {name} has the shape {array.shape}, not one of {dimensions} sizes")
        self.used.add(name)
        return array

    def has(self, prefix: str) -> bool:
        return any(name.startswith(f"{prefix}.") for name in self.tensors)

    def features(self, prefix: str) -> tuple[dict[str, Any], Layers]:
        """How an observation is read, and the layers of the features extractor."""
        space = self.observation_space
        shown = f"an observation of {self.env}, {kind_of(space)},"
        if not isinstance(space, spaces.Dict):
            plan, layers = self._part(space, prefix)
            self.giver = self.giver or shown
            return plan, layers
        parts, width = [], 0
        for name, part in space.spaces.items():
            parts.append([name, *self._part(part, f"{prefix}.extractors.{name}")])
            width += self.width
        self.width, self.giver = width, shown
        return {"kind": "parts", "parts": parts}, []

    def _part(self, space: spaces.Space[Any], prefix: str) -> tuple[dict[str, Any], Layers]:
        if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
            sizes = [int(size) for size in np.ravel(space.n if isinstance(space, spaces.Discrete) else space.nvec)]
            self.width = sum(sizes)
            return {"kind": "one-hot", "sizes": sizes}, []
        shape = space.shape or ()
        convolves = self.has(f"{prefix}.cnn")
        if not _is_picture(space):
            if convolves:
                raise ArtifactRefused(f"it sees pictures ({prefix}.cnn), and {self.env} shows {kind_of(space)}")
            self.width = prod(shape)
            return {"kind": "flat"}, []
        shape = shape if int(np.argmin(shape)) == 0 else (shape[2], shape[0], shape[1])  # channels first
        plan = {"kind": "image", "shape": list(shape), "scaled": scales_pictures(self.about)}
        if not convolves:
            self.width = prod(shape)
            return plan, [{"kind": "flatten"}]
        return plan, list(self._convolutions(prefix, shape))

    def _convolutions(self, prefix: str, shape: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        channels, height, width = shape
        giver = f"a picture of {self.env}"
        for number, stride in zip((0, 2, 4), STRIDES, strict=True):
            name = f"{prefix}.cnn.{number}"
            weight = self.take(f"{name}.weight", 4)
            out, takes, tall, wide = weight.shape
            if takes != channels:
                raise ArtifactRefused(f"its {name} takes {takes} channels, and {giver} has {channels}")
            if tall > height or wide > width:
                raise ArtifactRefused(f"its {name} looks at {tall} x {wide}, and {giver} has {height} x {width}")
            self._bias(name, out)
            channels, height, width = out, (height - tall) // stride + 1, (width - wide) // stride + 1
            giver = name
            yield {"kind": "conv", "name": name, "stride": [stride, stride]}
            yield {"kind": "relu"}
        yield {"kind": "flatten"}
        self.width, self.giver = channels * height * width, f"{giver}, for what {self.env} shows,"
        yield from self.linear(f"{prefix}.linear.0")
        yield {"kind": "relu"}

    def linear(self, name: str) -> Layers:
        weight = self.take(f"{name}.weight", 2)
        if weight.shape[1] != self.width:
            raise ArtifactRefused(f"its {name} takes {weight.shape[1]} numbers, and {self.giver} has {self.width}")
        self._bias(name, len(weight))
        self.width, self.giver = len(weight), name
        return [{"kind": "linear", "name": name}]

    def _bias(self, name: str, size: int) -> None:
        bias = self.take(f"{name}.bias", 1)
        if len(bias) != size:
            raise ArtifactRefused(f"its {name}.bias has {len(bias)} numbers, and {name}.weight {size} rows")

    def hidden(self, prefix: str, usual: str, *, ends: bool = False) -> Layers:
        """Linear layers with an activation behind each; behind the last one none, if it `ends` the network."""
        found = {name for name in self.tensors if re.fullmatch(rf"{re.escape(prefix)}\.\d+\.weight", name)}
        if ends and not found:
            raise ArtifactRefused(f"it has no {prefix}.0.weight")
        layers: Layers = []
        between = activation(self.about, usual) if len(found) > ends else ""
        for number in range(0, 2 * len(found), 2):  # the odd ones are activations, which have no tensors
            layers += self.linear(f"{prefix}.{number}")
            layers.append({"kind": between})
        return layers[:-1] if ends else layers

    def expect(self, width: int) -> None:
        """Refuses a network that says more or fewer numbers than an action takes."""
        if self.width != width:
            takes = f"an action of {self.env}, {kind_of(self.action_space)}, takes {width}"
            raise ArtifactRefused(f"its {self.giver} says {self.width} numbers, and {takes}")

    def kinds(self, *allowed: type[spaces.Space[Any]]) -> None:
        if not isinstance(self.action_space, allowed):
            names = " or ".join(one.__name__ for one in allowed)
            raise ArtifactRefused(f"its actions are {names}, and those of {self.env} {kind_of(self.action_space)}")
        start = getattr(self.action_space, "start", 0)
        if np.any(start):
            raise ArtifactRefused(f"its actions begin at 0, and those of {self.env} at {start}")

    def network(self, plan: dict[str, Any], layers: Layers, head: dict[str, Any]) -> Network:
        arrays = {name: value for name, value in self.tensors.items() if name in self.used}
        if isinstance(self.action_space, spaces.Box):
            arrays |= {"low": self.action_space.low, "high": self.action_space.high}
        return Network({"observation": plan, "layers": layers, "head": head}, arrays)


def _is_picture(space: spaces.Space[Any]) -> bool:
    """As Stable-Baselines3 tells pictures from other boxes."""
    if not isinstance(space, spaces.Box) or len(space.shape) != 3 or space.dtype != np.uint8:
        return False
    return bool((space.low == 0).all() and (space.high == 255).all())


def _actor_critic(reading: _Reading) -> NetworkPolicy:
    """Of PPO, A2C and TRPO."""
    space = reading.action_space
    reading.kinds(spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary, spaces.Box)
    prefix = "pi_features_extractor" if reading.has("pi_features_extractor") else "features_extractor"
    plan, layers = reading.features(prefix)
    # Where actor and critic see alike, the same tensors stand under both names.
    reading.used |= {name for name in reading.tensors if name.startswith("features_extractor.")}
    layers += reading.hidden("mlp_extractor.shared_net", "tanh")  # until version 1.7
    layers += reading.hidden("mlp_extractor.policy_net", "tanh")
    layers += reading.linear("action_net")
    width, head = _said(space)
    reading.expect(width)
    if isinstance(space, spaces.Box):
        _take_deviations(reading, width)
    return NetworkPolicy(reading.network(plan, layers, head))


def _said(space: spaces.Space[Any]) -> tuple[int, dict[str, Any]]:
    """How many numbers an actor-critic says, and what they mean."""
    shape = list(space.shape or ())
    if isinstance(space, spaces.Discrete):
        return int(space.n), {"kind": "categorical"}
    if isinstance(space, spaces.MultiDiscrete):
        sizes = [int(size) for size in space.nvec.ravel()]
        return sum(sizes), {"kind": "multi-categorical", "sizes": sizes, "shape": shape}
    return prod(shape), {"kind": "gaussian"} if isinstance(space, spaces.Box) else {"kind": "bernoulli", "shape": shape}


def _take_deviations(reading: _Reading, width: int) -> None:
    """Those of the noise. Where that depends on the state (use_sde) it is not computed, and nothing can be drawn."""
    if reading.tensors.get("log_std", np.zeros(0)).ndim == 2:
        reading.tensors = {name: value for name, value in reading.tensors.items() if name != "log_std"}
    elif len(log_std := reading.take("log_std", 1)) != width:
        raise ArtifactRefused(f"its log_std has {len(log_std)} numbers, and an action of {reading.env} {width}")


def _greedy(reading: _Reading) -> NetworkPolicy:
    """Of DQN."""
    reading.kinds(spaces.Discrete)
    assert isinstance(reading.action_space, spaces.Discrete)
    plan, layers = reading.features("q_net.features_extractor")
    layers += reading.hidden("q_net.q_net", "relu", ends=True)
    reading.expect(int(reading.action_space.n))
    return NetworkPolicy(reading.network(plan, layers, {"kind": "greedy"}))


def _actor(reading: _Reading) -> NetworkPolicy:
    """Of SAC, and of TD3 and DDPG, which have one action for each observation."""
    reading.kinds(spaces.Box)
    width = prod(reading.action_space.shape or ())
    plan, layers = reading.features("actor.features_extractor")
    head = {"kind": "squashed"}
    if "actor.log_std" in reading.tensors:
        raise ArtifactRefused(f"its noise depends on the state (use_sde), which is not computed here; {TRUST}")
    if "actor.mu.weight" not in reading.tensors:
        layers += reading.hidden("actor.mu", "relu", ends=True)
        reading.expect(width)
        return NetworkPolicy(reading.network(plan, layers, head))
    layers += reading.hidden("actor.latent_pi", "relu")
    latent, giver = reading.width, reading.giver
    mean = [*layers, *reading.linear("actor.mu")]
    reading.expect(width)
    reading.width, reading.giver = latent, giver
    spread = [*layers, *reading.linear("actor.log_std")]
    reading.expect(width)
    return SquashedPolicy(reading.network(plan, mean, head), spread=reading.network(plan, spread, head))
