"""A policy's network as NumPy computes it: no torch is needed to play what was learnt.

A small network of linear layers answers one observation in a few microseconds, where torch takes a hundred. What cannot
be said in these terms, such as a class of somebody's own, is played by torch (`envkit.deep.network`).

The plan of a network is plain JSON:

    observation   how its numbers come out of an observation: {"kind": "flat" | "one-hot" | "image" | "parts", ...}
    layers        [{"kind": "linear" | "conv", "name": "..."} | {"kind": "flatten" | "tanh" | ...} |
                  {"kind": "mean", "of": 200}]
    head          {"kind": "categorical" | "multi-categorical" | "bernoulli" | "gaussian" | "squashed" | "greedy", ...}
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.runs.arrays import Arrays

Floats = npt.NDArray[np.float32]
Layer = Callable[[Any], Any]

ACTIVATIONS: Mapping[str, Any] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "leaky-relu": lambda x: np.where(x > 0, x, np.float32(0.01) * x),
    "sigmoid": lambda x: 0.5 * (1 + np.tanh(0.5 * x)),  # the exponential would overflow
    "silu": lambda x: 0.5 * x * (1 + np.tanh(0.5 * x)),
    "gelu": lambda x: x * _normal_cdf(x),
    "identity": lambda x: x,
}


def _normal_cdf(x: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), np.float32)


@dataclass(frozen=True, eq=False)
class Network:
    """Computes what `plan` says with the weights in `arrays`.

    Args:
      plan: as above.
      arrays: `NAME.weight` [out, in] and `NAME.bias` [out] for each linear layer, [out, in, height, width] of a
        convolution; what the head names.

    Attributes:
      read: an observation -> what the first layer takes.
    """

    plan: Mapping[str, Any]
    arrays: Arrays
    read: Layer = field(init=False, repr=False)
    _layers: Sequence[Layer] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "read", _reader(self.plan["observation"], self.arrays))
        object.__setattr__(self, "_layers", _functions(self.plan["layers"], self.arrays))

    def outputs(self, observation: Any) -> Floats:
        """[A]: what the last layer says of one observation."""
        x: Floats = self.read(observation)
        for layer in self._layers:
            x = layer(x)
        return x

    def action(self, observation: Any, rng: np.random.Generator | None, mask: Any = None) -> Any:
        """The action for one observation; the likeliest one where `rng` is None, else a draw.

        Args:
          mask: which actions are available, where the head is `masked`; None for all.
        """
        return self.chosen(self.outputs(observation), rng, mask)

    def chosen(self, outputs: Floats, rng: np.random.Generator | None, mask: Any = None) -> Any:
        """The action that the last layer's answer means; as of `action`."""
        head = self.plan["head"]
        if mask is not None and head.get("masked"):
            outputs = np.where(np.ravel(mask), outputs, -np.inf)
        return act(head, outputs, self.arrays, rng)


def _functions(layers: Sequence[Mapping[str, Any]], arrays: Arrays) -> list[Layer]:
    return [_function(layer, arrays) for layer in layers]


def _function(layer: Mapping[str, Any], arrays: Arrays) -> Layer:
    kind = layer["kind"]
    if kind == "flatten":
        return np.ravel
    if kind == "mean":
        return lambda x: x.reshape(layer["of"], -1).mean(axis=0)
    if kind not in ("linear", "conv"):
        activation: Layer = ACTIVATIONS[kind]
        return activation
    weight = np.ascontiguousarray(arrays[f"{layer['name']}.weight"], np.float32)
    bias = np.asarray(arrays[f"{layer['name']}.bias"], np.float32)
    if kind == "linear":
        return lambda x: weight @ x + bias
    return _convolution(weight, bias, *layer["stride"])


def _convolution(weight: Floats, bias: Floats, down: int, right: int) -> Layer:
    """Of an image [in, height, width], without a margin."""
    flat = weight.reshape(len(weight), -1)

    def convolve(x: Floats) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::down, ::right]
        rows, columns = windows.shape[1:3]
        patches = windows.transpose(1, 2, 0, 3, 4).reshape(rows * columns, -1)
        return (flat @ patches.T + bias[:, None]).reshape(len(weight), rows, columns)

    return convolve


def _reader(plan: Mapping[str, Any], arrays: Arrays) -> Layer:
    """What makes of an observation what the network's first layer takes."""
    kind = plan["kind"]
    if kind == "flat":
        return lambda observation: np.asarray(observation, np.float32).ravel()
    if kind == "one-hot":
        sizes = plan["sizes"]
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])

        def one_hot(observation: Any) -> Floats:
            found = np.zeros(sum(sizes), np.float32)
            found[offsets + np.ravel(observation)] = 1
            return found

        return one_hot
    if kind == "image":
        shape, scale = tuple(plan["shape"]), np.float32(255 if plan["scaled"] else 1)

        def picture(observation: Any) -> Floats:
            seen = np.asarray(observation)
            first = seen if seen.shape == shape else seen.transpose(2, 0, 1)  # channels first
            return first.astype(np.float32) / scale

        return picture
    parts = [(name, _reader(part, arrays), _functions(layers, arrays)) for name, part, layers in plan["parts"]]

    def together(observation: Any) -> Floats:
        found = []
        for name, read, layers in parts:
            x = read(observation[name])
            for layer in layers:
                x = layer(x)
            found.append(x)
        return np.concatenate(found)

    return together


def act(head: Mapping[str, Any], outputs: Floats, arrays: Arrays, rng: np.random.Generator | None) -> Any:
    """The action that the network's outputs mean."""
    kind = head["kind"]
    if kind == "greedy" or (kind == "categorical" and rng is None):
        return np.int64(outputs.argmax())
    if kind == "categorical":
        return np.int64(_drawn(outputs, rng))
    if kind == "multi-categorical":
        parts = np.split(outputs, np.cumsum(head["sizes"])[:-1])
        chosen = [part.argmax() if rng is None else _drawn(part, rng) for part in parts]
        return np.array(chosen, np.int64).reshape(head["shape"])
    if kind == "bernoulli":
        chances = ACTIVATIONS["sigmoid"](outputs)
        on = chances > 0.5 if rng is None else rng.random(chances.shape) < chances
        return on.astype(np.int8).reshape(head["shape"])
    low, high = arrays["low"], arrays["high"]
    if kind == "gaussian":
        if rng is not None:
            noise = rng.standard_normal(outputs.shape, np.float32)
            outputs = np.asarray(outputs + np.exp(arrays["log_std"]) * noise, np.float32)
        return np.clip(outputs.reshape(low.shape), low, high).astype(low.dtype)
    squashed = np.tanh(outputs).reshape(low.shape)
    return (low + 0.5 * (squashed + 1) * (high - low)).astype(low.dtype)


def _drawn(logits: Floats, rng: Any) -> int:
    """A draw with the chances that the logits mean (Gumbel's trick: no sum, no overflow)."""
    return int((logits + rng.gumbel(size=logits.shape)).argmax())
