"""The network of a learner: what is typed about it, and what Stable-Baselines3 is told."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from envkit.core.modules import attribute, derives
from envkit.core.settings import Setting

CLASS = r"[\w./~-]+:[\w.]+"
ACTIVATIONS = {
    "tanh": "Tanh", "relu": "ReLU", "elu": "ELU", "leaky-relu": "LeakyReLU", "sigmoid": "Sigmoid", "silu": "SiLU",
    "gelu": "GELU",
}  # fmt: skip
RMSPROP_TF = "rmsprop-tf"  # as TensorFlow has it, and so the A2C of Stable-Baselines3: more stable than torch's
OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD"}

POLICY_CLASS = Setting(
    "policy_class", None, "a policy class of your own, as module:Class; by default as the observations are", text=CLASS,
    optional=True,
)  # fmt: skip
FEATURES = Setting(
    "features", None, "a features extractor of your own, as module:Class; by default as the observations are",
    text=CLASS, optional=True,
)  # fmt: skip


def settings(
    *, architecture: str, activation: str, optimizer: str = "adam", parts: tuple[str, ...] = ("pi", "vf")
) -> tuple[Setting, ...]:
    """What can be said of a network, with these defaults.

    Args:
      parts: the networks that may have layers apart, such as actor and critic.
    """
    layers = r"[1-9]\d*(,[1-9]\d*)*"
    sizes = f"{layers}|none"
    about = "sizes of the hidden layers, as 64,64"
    if parts:
        part = rf"({'|'.join(parts)})=({layers})?"
        sizes += rf"|{part}(,{part})*"
        about += f", or {parts[0]}=128,128,{parts[1]}=256 for actor and critic apart"
    return (
        Setting(
            "net_arch", architecture, f"{about}; none for no layer", text=sizes,
        ),
        Setting("activation", activation, "what stands between the layers", choices=tuple(ACTIVATIONS)),
        Setting("optimizer", optimizer, "what follows the gradients", choices=(*OPTIMIZERS, RMSPROP_TF)),
        POLICY_CLASS,
        FEATURES,
    )  # fmt: skip


def architecture(text: str) -> list[int] | dict[str, list[int]]:
    """`64,64` as a list, `pi=128,128,vf=256` as a dictionary of lists."""
    if text == "none":
        return []
    if "=" not in text:
        return [int(size) for size in text.split(",")]
    found: dict[str, list[int]] = {}
    name = ""
    for part in text.split(","):
        if "=" in part:
            name, _, part = part.partition("=")
            found[name] = []
        if part:
            found[name].append(int(part))
    return found


def named(reference: str, base: type) -> Any:
    """The class that `module:Class` names. Raises UsageError where it names none derived from `base`."""
    wanted = f"a class derived from {base.__module__}.{base.__qualname__}"
    return attribute(reference, str(Path.cwd()), kind="class", wanted=wanted, fits=partial(derives, base=base))


def network_arguments(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What they say of the network in `policy_kwargs` of Stable-Baselines3; not all learners let all be said."""
    from torch import nn, optim

    found: dict[str, Any] = {
        "net_arch": architecture(chosen["net_arch"]),
        "activation_fn": getattr(nn, ACTIVATIONS[chosen["activation"]]),
    }
    optimizer = chosen.get("optimizer", "adam")
    if optimizer == RMSPROP_TF:
        from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike

        found["optimizer_class"] = RMSpropTFLike
        found["optimizer_kwargs"] = {"alpha": 0.99, "eps": 1e-5, "weight_decay": 0}
    elif optimizer != "adam":  # whose own settings are Stable-Baselines3's choice
        found["optimizer_class"] = getattr(optim, OPTIMIZERS[optimizer])
    if chosen.get("features"):
        from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

        found["features_extractor_class"] = named(chosen["features"], BaseFeaturesExtractor)
    return found
