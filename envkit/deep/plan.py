"""What NumPy has to know of a network of torch to compute it: its plan, as of `envkit.deep.forward`."""

from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.deep.network import ACTIVATIONS

Plan = dict[str, Any]
MERGED = "merged"  # before the names of layers that stand for several of a network's own
SPREAD = "spread"  # in a plan: the layers that say the logarithms of deviations, where those depend on the state


def plan_of(policy: Any) -> Plan | None:
    """The plan of a policy of Stable-Baselines3 for NumPy; None where it cannot be said."""
    if not type(policy).__module__.startswith(("stable_baselines3.", "sb3_contrib.", "envkit.deep.")):
        return None
    if hasattr(policy, "mlp_extractor") and not hasattr(policy, "lstm_actor"):
        return _actor_critic(policy)
    if hasattr(policy, "q_net"):
        return _valuing(policy, policy.q_net, "q_net", [])
    if hasattr(policy, "quantile_net"):
        net = policy.quantile_net
        return _valuing(policy, net, "quantile_net", [{"kind": "mean", "of": int(net.n_quantiles)}])
    if hasattr(policy, "actor"):
        return _acting(policy, policy.actor)
    return _searched(policy) if hasattr(policy, "action_net") and not hasattr(policy, "lstm_actor") else None


def _actor_critic(policy: Any) -> Plan | None:
    head = _head(policy)
    first = _features_plan(policy.observation_space, policy.features_extractor, "features_extractor", policy)
    layers = _layers(policy.mlp_extractor.policy_net, "mlp_extractor.policy_net")
    last = _layers(policy.action_net, "action_net")
    if head is None or first is None or layers is None or last is None:
        return None
    observation, own = first
    return {"observation": observation, "layers": [*own, *layers, *last], "head": head}


def _valuing(policy: Any, net: Any, name: str, more: list[Plan]) -> Plan | None:
    """Of a network that values actions; its layers are under its own name once more."""
    first = _features_plan(policy.observation_space, net.features_extractor, f"{name}.features_extractor", policy)
    layers = _layers(getattr(net, name), f"{name}.{name}")
    if first is None or layers is None:
        return None
    if hasattr(net, "advantage"):
        more = _merged_layers(net)
    return {"observation": first[0], "layers": [*first[1], *layers, *more], "head": {"kind": "greedy"}}


def _merged_layers(net: Any) -> list[Plan]:
    """Of a dueling network's streams, which two linear layers are enough to say, or one where they have none hidden."""
    if len(net.value) == 1:
        return [{"kind": "linear", "name": f"{MERGED}.last"}]
    between = _layers(net.value[1], "")
    assert between is not None
    return [{"kind": "linear", "name": f"{MERGED}.first"}, *between, {"kind": "linear", "name": f"{MERGED}.last"}]


def merged(policy: Any) -> dict[str, Any]:
    """The weights of those layers; empty of a policy that needs none.

    value + advantage - mean of the advantages is linear in what stands before the last layers of both streams.
    """
    net: Any = getattr(policy, "q_net", None)
    if not hasattr(net, "advantage"):
        return {}
    (value, value_bias), (gain, gain_bias) = (_weights(stream[-1]) for stream in (net.value, net.advantage))
    centre = np.eye(len(gain)) - 1 / len(gain)
    value, value_bias = np.tile(value, (len(gain), 1)), np.tile(value_bias, len(gain))
    bias = value_bias + centre @ gain_bias
    if len(net.value) == 1:
        return _named("last", value + centre @ gain, bias)
    first = [_weights(stream[0]) for stream in (net.value, net.advantage)]
    together = [np.concatenate(parts) for parts in zip(*first, strict=True)]
    return _named("first", *together) | _named("last", np.concatenate([value, centre @ gain], axis=1), bias)


def _weights(layer: Any) -> tuple[Any, Any]:
    return layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()


def _named(name: str, weight: Any, bias: Any) -> dict[str, Any]:
    parts = {"weight": weight, "bias": bias}
    return {f"{MERGED}.{name}.{part}": np.asarray(value, np.float32) for part, value in parts.items()}


def _acting(policy: Any, actor: Any) -> Plan | None:
    """Of an actor of continuous actions."""
    first = _features_plan(policy.observation_space, actor.features_extractor, "actor.features_extractor", policy)
    latent = _layers(getattr(actor, "latent_pi", []), "actor.latent_pi")
    mean = _layers(actor.mu, "actor.mu")
    if first is None or latent is None or mean is None or getattr(actor, "use_sde", False):
        return None
    layers = [*first[1], *latent, *mean]
    if not hasattr(actor, "log_std") and layers.pop() != {"kind": "tanh"}:  # which the head has
        return None
    plan: Plan = {"observation": first[0], "layers": layers, "head": {"kind": "squashed"}}
    if not hasattr(actor, "log_std"):
        return plan
    spread = _layers(actor.log_std, "actor.log_std")
    return None if spread is None else plan | {SPREAD: [*first[1], *latent, *spread]}


def _searched(policy: Any) -> Plan | None:
    """Of a policy of random search, which says an action at once."""
    first = _features_plan(policy.observation_space, policy.features_extractor, "features_extractor", policy)
    layers = _layers(policy.action_net, "action_net")
    if first is None or layers is None:
        return None
    kind = "greedy"
    if isinstance(policy.action_space, spaces.Box):
        kind = "squashed"
        if layers.pop() != {"kind": "tanh"}:  # which the head has
            return None
    return {"observation": first[0], "layers": [*first[1], *layers], "head": {"kind": kind}}


def _features_plan(space: spaces.Space[Any], extractor: Any, name: str, policy: Any) -> tuple[Plan, list[Plan]] | None:
    """How an observation is read, and the layers of the features extractor behind it."""
    theirs = type(extractor).__module__.startswith(("stable_baselines3.", "torch.nn."))
    kind = type(extractor).__name__ if theirs else ""
    if kind == "CombinedExtractor":
        assert isinstance(space, spaces.Dict)
        parts = []
        for key, part in space.spaces.items():
            found = _features_plan(part, extractor.extractors[key], f"{name}.extractors.{key}", policy)
            if found is None:
                return None
            parts.append([key, *found])
        return {"kind": "parts", "parts": parts}, []
    if kind == "NatureCNN":
        layers = [_layers(getattr(extractor, part), f"{name}.{part}") for part in ("cnn", "linear")]
        image = {"kind": "image", "shape": list(space.shape or ()), "scaled": bool(policy.normalize_images)}
        return None if None in layers else (image, [*(layers[0] or ()), *(layers[1] or ())])
    if kind not in ("FlattenExtractor", "Flatten"):
        return None
    if _is_image(space):
        image = {"kind": "image", "shape": list(space.shape or ()), "scaled": bool(policy.normalize_images)}
        return image, [{"kind": "flatten"}]
    if isinstance(space, spaces.Discrete):
        return {"kind": "one-hot", "sizes": [int(space.n)]}, []
    if isinstance(space, spaces.MultiDiscrete):
        return {"kind": "one-hot", "sizes": [int(size) for size in space.nvec.ravel()]}, []
    return {"kind": "flat"}, []


def _is_image(space: spaces.Space[Any]) -> bool:
    """As Stable-Baselines3 has it, which scales such observations."""
    from stable_baselines3.common.preprocessing import is_image_space

    return bool(is_image_space(space))


def _layers(module: Any, name: str) -> list[Plan] | None:
    """The layers of a module of torch; None where NumPy has no such layer."""
    kind = type(module).__name__
    if kind in ("Sequential", "list"):
        found = [_layers(part, f"{name}.{number}") for number, part in enumerate(module)]
        return None if None in found else [layer for part in found for layer in part or ()]
    if kind == "Linear":
        return [{"kind": "linear", "name": name}]
    if kind == "Conv2d" and module.padding == (0, 0) and module.dilation == (1, 1) and module.groups == 1:
        return [{"kind": "conv", "name": name, "stride": list(module.stride)}]
    if kind == "Flatten":
        return [{"kind": "flatten"}]
    known = {cls: own for own, cls in ACTIVATIONS.items()}
    return [{"kind": known[kind]}] if kind in known else None


def _head(policy: Any) -> Plan | None:
    """Of an actor-critic."""
    space = policy.action_space
    masked = {"masked": True} if "maskable" in type(policy).__module__ else {}
    if isinstance(space, spaces.Discrete):
        return {"kind": "categorical", **masked}
    if isinstance(space, spaces.MultiDiscrete):
        sizes = space.nvec.ravel().tolist()
        return {"kind": "multi-categorical", "sizes": sizes, "shape": list(space.shape), **masked}
    if isinstance(space, spaces.MultiBinary):
        return None if masked else {"kind": "bernoulli", "shape": list(space.shape)}
    return {"kind": "gaussian"} if not policy.use_sde else None
