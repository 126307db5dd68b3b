"""A network's answers to many pictures at once, which torch computes: on a GPU where there is one.

Small networks answer sooner one by one in NumPy (`envkit.deep.forward`), of which this computes the same plans.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from envkit.deep.forward import Network
from envkit.deep.network import ACTIVATIONS
from envkit.deep.normalizer import Normalizer
from envkit.runs.arrays import Arrays


class NetworkCrowd:
    """Players of a policy whose network has convolutions, as of `envkit.core.policy.Crowd`.

    Args:
      rngs: a generator for each place; None where the likeliest action is taken.
    """

    def __init__(self, network: Network, normalizer: Normalizer | None, rngs: Sequence[np.random.Generator] | None):
        import torch

        self.torch, self.network, self.normalizer, self.rngs = torch, network, normalizer, rngs
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.layers = [self._layer(layer, network.arrays) for layer in network.plan["layers"]]

    def begin(self, place: int) -> None:
        """Nothing is remembered from one step to the next."""

    def act(self, places: Sequence[int], observations: Sequence[Any], infos: Sequence[dict[str, Any]]) -> list[Any]:
        torch = self.torch
        with torch.inference_mode():
            scaled = observations if self.normalizer is None else map(self.normalizer, observations)
            seen = np.stack([self.network.read(one) for one in scaled])
            x = torch.from_numpy(seen).to(self.device)
            for layer in self.layers:
                x = layer(x)
            outputs = x.cpu().numpy()
        return [
            self.network.chosen(row, None if self.rngs is None else self.rngs[place], info.get("action_mask"))
            for place, row, info in zip(places, outputs, infos, strict=True)
        ]

    def _layer(self, layer: Mapping[str, Any], arrays: Arrays) -> Callable[[Any], Any]:
        torch, kind = self.torch, layer["kind"]
        if kind == "flatten":
            return lambda x: x.flatten(1)
        if kind == "mean":
            return lambda x: x.reshape(len(x), layer["of"], -1).mean(dim=1)
        if kind not in ("linear", "conv"):
            activation: Callable[[Any], Any] = getattr(torch.nn, ACTIVATIONS[kind])()
            return activation
        weight, bias = (self._tensor(arrays[f"{layer['name']}.{part}"]) for part in ("weight", "bias"))
        if kind == "linear":
            return lambda x: torch.nn.functional.linear(x, weight, bias)
        return lambda x: torch.nn.functional.conv2d(x, weight, bias, tuple(layer["stride"]))

    def _tensor(self, values: Any) -> Any:
        return self.torch.tensor(np.asarray(values, np.float32), device=self.device)
