"""The program that plays an exported policy with NumPy alone, written for the very network that it is to play."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envkit.deep.normalizer import CLIP, EPSILON

HEAD = '''"""{title}. `policy = Policy(); action = policy(observation)`, and policy.reset() before each episode."""

from pathlib import Path

import numpy as np

'''
CLASS = """
class Policy:
    def __init__(self, file=Path(__file__).with_name("policy.npz")):
        self.arrays = dict(np.load(file, allow_pickle=False))
        self.reset()

"""
CONVOLUTION = """
def convolution(x, weight, bias, down, right):
    seen = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::down, ::right]
    return np.tensordot(weight, seen, ([1, 2, 3], [0, 3, 4])) + bias[:, None, None]

"""
ACTIVATIONS = {
    "tanh": "np.tanh({})",
    "relu": "np.maximum({}, 0)",
    "elu": "np.where(({0}) > 0, {0}, np.expm1(np.minimum({0}, 0)))",
    "leaky-relu": "np.where(({0}) > 0, {0}, 0.01 * ({0}))",
    "sigmoid": "0.5 * (1 + np.tanh(0.5 * ({})))",
    "silu": "0.5 * ({0}) * (1 + np.tanh(0.5 * ({0})))",
}


SEVERAL = "its observations have several parts, which --format numpy takes; or train with " + (
    "--wrap gymnasium.wrappers:FlattenObservation"
)


class NotSayable(ValueError):
    """A part of a plan that a program of a few lines does not have."""


def of_network(plan: Mapping[str, Any], title: str, *, scaled: Sequence[str]) -> str:
    """The program for a network.

    Args:
      plan: as of `envkit.deep.forward`.
      scaled: the keys of the observations that are scaled; the empty one where the observation is one array.

    Raises:
      NotSayable: it would take more than a few lines.
    """
    lines = [*_scaling(scaled), *_first(plan["observation"]), *_layers(plan["layers"], "x"), *_last(plan["head"])]
    whole = [plan["layers"], *[layers for *_, layers in plan["observation"].get("parts", ())]]
    convolves = any(layer["kind"] == "conv" for layers in whole for layer in layers)
    program = HEAD.format(title=title) + (CONVOLUTION if convolves else "") + CLASS
    program += "    def reset(self):\n        pass  # nothing is remembered from step to step\n\n"
    program += "    def __call__(self, observation):\n        a = self.arrays\n"
    return program + "".join(f"        {line}\n" for line in lines)


def of_table(title: str, *, start: int) -> str:
    """The program for a table: `action` [S], or [T, S] where it sees the clock."""
    program = HEAD.format(title=title) + CLASS
    program += "    def reset(self):\n        self.step = 0\n\n    def __call__(self, observation):\n"
    program += '        rows = np.atleast_2d(self.arrays["action"])\n'
    program += "        row = rows[min(self.step, len(rows) - 1)]\n        self.step += 1\n"
    return program + f"        return int(row[int(observation)]){f' + {start}' if start else ''}\n"


def _scaling(scaled: Sequence[str]) -> Iterator[str]:
    for name in scaled:
        value = f"observation[{name!r}]" if name else "observation"
        mean, variance = (f'a["normalizer/{what}/{name}"]' for what in ("mean", "variance"))
        yield f"scaled = np.clip(({value} - {mean}) / np.sqrt({variance} + {EPSILON}), -{CLIP:g}, {CLIP:g})"
        yield f"observation = {{**observation, {name!r}: scaled}}" if name else "observation = scaled"


def _first(plan: Mapping[str, Any], value: str = "observation", to: str = "x") -> Iterator[str]:
    kind = plan["kind"]
    if kind == "flat":
        yield f"{to} = np.asarray({value}, np.float32).ravel()"
    elif kind == "one-hot":
        pairs = f"zip({plan['sizes']}, np.ravel({value}))"
        yield f"{to} = np.concatenate([np.eye(size, dtype=np.float32)[int(one)] for size, one in {pairs}])"
    elif kind == "image":
        shape = tuple(plan["shape"])
        scale = " / np.float32(255)" if plan["scaled"] else ""
        yield f"{to} = {value} if np.shape({value}) == {shape} else np.transpose({value}, (2, 0, 1))"
        yield f"{to} = np.asarray({to}, np.float32){scale}"
    else:
        names = []
        for number, (key, part, layers) in enumerate(plan["parts"]):
            names.append(f"x{number}")
            yield from _first(part, f"observation[{key!r}]", names[-1])
            yield from _layers(layers, names[-1])
        yield f"{to} = np.concatenate([{', '.join(names)}])"


def _layers(layers: Sequence[Mapping[str, Any]], x: str) -> Iterator[str]:
    """A line for each layer, its activation with it."""
    value = x
    for layer, following in zip(layers, [*layers[1:], {"kind": ""}], strict=False):
        kind = layer["kind"]
        if kind in ("linear", "conv"):
            weight, bias = (f'a["{layer["name"]}.{part}"]' for part in ("weight", "bias"))
            down_right = ", ".join(map(str, layer.get("stride", ())))
            convolved = f"convolution({value}, {weight}, {bias}, {down_right})"
            value = f"{weight} @ {value} + {bias}" if kind == "linear" else convolved
        elif kind == "flatten":
            value = f"np.ravel({value})"
        elif kind in ACTIVATIONS:
            value = ACTIVATIONS[kind].format(value)
        elif kind == "mean":
            value = f"{value}.reshape({layer['of']}, -1).mean(axis=0)"
        else:
            raise NotSayable(f"the activation {kind}")
        if kind in ("linear", "conv") and following["kind"] in ("tanh", "relu", "sigmoid"):
            continue  # the activation goes around it
        yield f"{x} = {value}"
        value = x


def _last(head: Mapping[str, Any]) -> Iterator[str]:
    kind = head["kind"]
    if kind in ("greedy", "categorical"):
        yield "return int(x.argmax())"
    elif kind == "multi-categorical":
        yield f"parts = np.split(x, np.cumsum({head['sizes']})[:-1])"
        yield f"return np.array([part.argmax() for part in parts]).reshape({tuple(head['shape'])})"
    elif kind == "bernoulli":
        yield f"return (x > 0).astype(np.int8).reshape({tuple(head['shape'])})"
    elif kind == "gaussian":
        yield 'return np.clip(x.reshape(a["low"].shape), a["low"], a["high"]).astype(a["low"].dtype)'
    else:
        yield 'x = a["low"] + 0.5 * (np.tanh(x).reshape(a["low"].shape) + 1) * (a["high"] - a["low"])'
        yield 'return x.astype(a["low"].dtype)'
