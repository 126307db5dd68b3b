"""What NumPy has to know of a network of torch to compute it: its plan, as of `envkit.deep.forward`."""

from typing import Any

from gymnasium import spaces

from envkit.deep.network import ACTIVATIONS

Plan = dict[str, Any]
SPREAD = "spread"  # in a plan: the layers that say the logarithms of deviations, where those depend on the state


def plan_of(policy: Any) -> Plan | None:
    """The plan of a policy of Stable-Baselines3 for NumPy; None where it cannot be said."""
    if not type(policy).__module__.startswith(("stable_baselines3.", "sb3_contrib.")):
        return None
    if hasattr(policy, "mlp_extractor") and not hasattr(policy, "lstm_actor"):
        return _actor_critic(policy)
    if hasattr(policy, "q_net"):
        return _valuing(policy, policy.q_net, "q_net", [])
    if hasattr(policy, "quantile_net"):
        net = policy.quantile_net
        return _valuing(policy, net, "quantile_net", [{"kind": "mean", "of": int(net.n_quantiles)}])
    return _acting(policy, policy.actor) if hasattr(policy, "actor") else None


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
    return {"observation": first[0], "layers": [*first[1], *layers, *more], "head": {"kind": "greedy"}}


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
    if isinstance(space, spaces.Discrete):
        return {"kind": "one-hot", "sizes": [int(space.n)]}, []
    if isinstance(space, spaces.MultiDiscrete):
        return {"kind": "one-hot", "sizes": [int(size) for size in space.nvec.ravel()]}, []
    return {"kind": "flat"}, []


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
