"""What NumPy has to know of a network of torch to compute it: its plan, as of `envkit.deep.forward`."""

from typing import Any

from gymnasium import spaces

from envkit.deep.network import ACTIVATIONS

Plan = dict[str, Any]


def plan_of(policy: Any) -> dict[str, Any] | None:
    """The plan of an actor-critic policy for NumPy; None where it cannot be said."""
    head = _head(policy)
    if not type(policy).__module__.startswith("stable_baselines3.") or head is None:
        return None
    first = _features_plan(policy.observation_space, policy.features_extractor, "features_extractor", policy)
    layers = _layers(policy.mlp_extractor.policy_net, "mlp_extractor.policy_net")
    last = _layers(policy.action_net, "action_net")
    if first is None or layers is None or last is None:
        return None
    observation, own = first
    return {"observation": observation, "layers": [*own, *layers, *last], "head": head}


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
    if kind == "Sequential":
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


def _head(policy: Any) -> dict[str, Any] | None:
    space = policy.action_space
    if isinstance(space, spaces.Discrete):
        return {"kind": "categorical"}
    if isinstance(space, spaces.MultiDiscrete):
        return {"kind": "multi-categorical", "sizes": space.nvec.ravel().tolist(), "shape": list(space.shape)}
    if isinstance(space, spaces.MultiBinary):
        return {"kind": "bernoulli", "shape": list(space.shape)}
    return {"kind": "gaussian"} if not policy.use_sde else None
