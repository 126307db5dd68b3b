"""The network of a learner: what is typed about it, and what Stable-Baselines3 is told."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from envkit.core.modules import attribute, derives
from envkit.core.settings import Setting

ARCHITECTURE = r"\d+(,\d+)*|none|(pi|vf|qf)=\d*(,\d+)*(,(pi|vf|qf)=\d*(,\d+)*)*"
CLASS = r"[\w./~-]+:[\w.]+"
ACTIVATIONS = {
    "tanh": "Tanh", "relu": "ReLU", "elu": "ELU", "leaky-relu": "LeakyReLU", "sigmoid": "Sigmoid", "silu": "SiLU",
    "gelu": "GELU",
}  # fmt: skip
OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD"}

POLICY_CLASS = Setting(
    "policy_class", None, "a policy class of your own, as module:Class; by default as the observations are", text=CLASS,
    optional=True,
)  # fmt: skip
FEATURES = Setting(
    "features", None, "a features extractor of your own, as module:Class; by default as the observations are",
    text=CLASS, optional=True,
)  # fmt: skip


def settings(*, architecture: str, activation: str, optimizer: str = "adam") -> tuple[Setting, ...]:
    """What can be said of a network, with these defaults."""
    return (
        Setting(
            "net_arch", architecture,
            "sizes of the hidden layers, as 64,64, or pi=128,128,vf=256 for actor and critic apart; none for no layer",
            text=ARCHITECTURE,
        ),
        Setting("activation", activation, "what stands between the layers", choices=tuple(ACTIVATIONS)),
        Setting("optimizer", optimizer, "what follows the gradients", choices=tuple(OPTIMIZERS)),
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


def policy_arguments(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """`policy_kwargs` of Stable-Baselines3."""
    from torch import nn, optim

    found: dict[str, Any] = {
        "net_arch": architecture(chosen["net_arch"]),
        "activation_fn": getattr(nn, ACTIVATIONS[chosen["activation"]]),
    }
    if chosen["optimizer"] != "adam":  # whose own settings are Stable-Baselines3's choice
        found["optimizer_class"] = getattr(optim, OPTIMIZERS[chosen["optimizer"]])
    if chosen["features"]:
        from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

        found["features_extractor_class"] = named(chosen["features"], BaseFeaturesExtractor)
    return found
