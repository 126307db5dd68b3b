"""The tour of spaces behind `envkit spaces`: what each kind looks like, and which algorithms take it.

The stops are the games of `envkit.envs.spaces`; all that is said of a space is worked out from the space itself, so
that the same functions judge any other environment's spaces. An answer about an algorithm is a text: empty where it
takes the space as it is, else the wrapper of `gymnasium.wrappers` that it needs; or None where no wrapper helps.

Source: Stable-Baselines3's table of algorithms and spaces; Gymnasium's `is_np_flattenable`; `envkit.core.finite`.
"""

import copy
import importlib
import string
from dataclasses import dataclass
from math import prod
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import registry

from envkit.core import catalogue, finite
from envkit.core.show import number, show

Space = gymnasium.Space[Any]
Fit = dict[str, str | None]  # algorithm -> wrapper, empty for none; None where it cannot be

DEEP = ("A2C", "PPO", "DQN", "DDPG", "SAC", "TD3")
TABULAR = "tabular"
TOUR = "envkit.envs.spaces"
ORDER = ("Discrete", "Box", "MultiBinary", "MultiDiscrete", "Tuple", "Dict", "Text", "Sequence", "Graph", "OneOf")
MOST_NUMBERED = 4096  # actions, before a table or a DQN has one output too many
MOST_BINNED = 8  # entries of a Box that can still be cut into bins
CHARSETS = {"ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "printable", "punctuation"}


@dataclass(frozen=True)
class Stop:
    """One game of the tour."""

    kind: str
    alias: str
    id: str
    summary: str
    observation_space: Space
    action_space: Space

    def to_json(self) -> dict[str, Any]:
        shown = self.observation_space
        return {
            "kind": self.kind, "game": self.alias, "id": self.id, "summary": self.summary,
            "constructor": constructor(shown), "sample": sample_text(shown), "flattened": flattened_size(shown),
            "as_observation": as_observation(shown), "as_action": as_action(shown),
            "action_space": constructor(self.action_space), "action_fits": as_action(self.action_space),
        }  # fmt: skip


def tour() -> list[Stop]:
    """Every game of the tour, the kinds of space in the order in which one learns them."""
    aliases = {id: alias for alias, id in catalogue.aliases().items()}
    stops = [_stop(id, aliases.get(id, id)) for id in catalogue.bundled_ids() if _module(id).startswith(f"{TOUR}.")]
    return sorted(stops, key=lambda stop: (_rank(stop.kind), stop.kind))


def constructor(space: Space) -> str:
    """What to type to get the space, given `from gymnasium.spaces import *`, `numpy as np` and `string`."""
    if isinstance(space, spaces.Discrete):
        return f"Discrete({space.n}{f', start={space.start}' if space.start else ''})"
    if isinstance(space, spaces.Box):
        return f"Box({_bounds(space)}, np.{space.dtype})"
    if isinstance(space, spaces.MultiBinary):
        return f"MultiBinary({space.n if isinstance(space.n, int) else list(space.shape)})"
    if isinstance(space, spaces.MultiDiscrete):
        start = f", start={space.start.tolist()}" if space.start.any() else ""
        return f"MultiDiscrete({space.nvec.tolist()}{start})"
    if isinstance(space, spaces.Text):
        least = f", min_length={space.min_length}" if space.min_length != 1 else ""
        return f"Text({space.max_length}{least}{_charset(space)})"
    if isinstance(space, spaces.Dict):
        return f"Dict({', '.join(f'{key}={constructor(part)}' for key, part in space.spaces.items())})"
    if isinstance(space, spaces.Tuple | spaces.OneOf):
        comma = "," if len(space.spaces) == 1 else ""
        return f"{type(space).__name__}(({', '.join(constructor(part) for part in space.spaces)}{comma}))"
    if isinstance(space, spaces.Sequence):
        return f"Sequence({constructor(space.feature_space)}{', stack=True' if space.stack else ''})"
    if isinstance(space, spaces.Graph):
        edge = "None" if space.edge_space is None else constructor(space.edge_space)
        return f"Graph({constructor(space.node_space)}, {edge})"
    return str(space)


def sample_text(space: Space, *, seed: int = 0) -> str:
    """A seeded sample, on one line; the space's own generator is left alone."""
    twin = copy.deepcopy(space)
    twin.seed(seed)
    value = twin.sample()
    if isinstance(value, spaces.GraphInstance):
        links = 0 if value.edge_links is None else len(value.edge_links)
        nodes = f"{len(value.nodes)} nodes and " if isinstance(value.nodes, np.ndarray) else ""
        return f"GraphInstance of {nodes}{links} edges"
    return show(value, most=90)


def flattened_size(space: Space) -> int | None:
    """The numbers in a flattened value; None where values have no fixed size."""
    return int(spaces.flatdim(space)) if space.is_np_flattenable else None


def as_observation(space: Space) -> Fit:
    """What each algorithm makes of observations from this space."""
    if _takes(space) or (isinstance(space, spaces.Dict) and all(_takes(part) for part in space.spaces.values())):
        deep: str | None = ""
    else:
        deep = "FlattenObservation" if space.is_np_flattenable else None
    table = None if finite.key_of(space) is None else ""
    if table is None and _binned(space):
        table = "DiscretizeObservation"
    return {**dict.fromkeys(DEEP, deep), TABULAR: table}


def as_action(space: Space) -> Fit:
    """What each algorithm makes of actions from this space."""
    many = finite.size(space)
    few = many is not None and many <= MOST_NUMBERED
    numbered = f"TransformAction from Discrete({many})" if few else None
    if _binned(space):
        numbered = "DiscretizeAction"
    if isinstance(space, spaces.Tuple | spaces.Dict | spaces.OneOf) and not few:
        return dict.fromkeys((*DEEP, TABULAR), "ActionWrapper")
    direct = _takes(space)
    discrete = "" if direct and isinstance(space, spaces.Discrete) else numbered
    policy_gradient = "" if direct else numbered
    continuous = "" if isinstance(space, spaces.Box) else None
    return {
        **dict.fromkeys(("A2C", "PPO"), policy_gradient), "DQN": discrete,
        **dict.fromkeys(("DDPG", "SAC", "TD3"), continuous), TABULAR: "" if few else numbered,
    }  # fmt: skip


def _takes(space: Space) -> bool:
    """Whether Stable-Baselines3 takes it as it is, alone or inside a Dict of observations."""
    if isinstance(space, spaces.Discrete):
        return int(space.start) == 0
    if isinstance(space, spaces.MultiDiscrete):
        return len(space.shape) == 1 and not space.start.any()
    return isinstance(space, spaces.Box | spaces.MultiBinary)


def _binned(space: Space) -> bool:
    return isinstance(space, spaces.Box) and space.is_bounded() and prod(space.shape) <= MOST_BINNED


def _bounds(space: spaces.Box) -> str:
    lows, highs = np.unique(space.low), np.unique(space.high)
    if len(lows) == len(highs) == 1:
        return f"{_bound(lows[0])}, {_bound(highs[0])}, {space.shape}"
    return f"np.{space.dtype}({_values(space.low)}), np.{space.dtype}({_values(space.high)}), {space.shape}"


def _values(bound: Any) -> str:
    return str(bound.tolist()).replace(".0,", ",").replace(".0]", "]").replace("inf", "np.inf")


def _bound(value: Any) -> str:
    return str(value).replace("inf", "np.inf") if np.isinf(value) else number(float(value))


def _charset(space: spaces.Text) -> str:
    from gymnasium.spaces.text import alphanumeric

    if space.character_set == frozenset(alphanumeric):
        return ""
    named = [name for name in sorted(CHARSETS) if frozenset(getattr(string, name)) == space.character_set]
    return f", charset=string.{named[0]}" if named else f", charset={space.characters!r}"


def _stop(id: str, alias: str) -> Stop:
    env = gymnasium.make(id).unwrapped
    summary = (importlib.import_module(_module(id)).__doc__ or "").partition("\n")[0].partition(": ")[2]
    kind = getattr(env, "SHOWS", type(env.observation_space).__name__)
    return Stop(kind, alias, id, summary, env.observation_space, env.action_space)


def _module(id: str) -> str:
    return str(registry[id].entry_point).partition(":")[0]


def _rank(kind: str) -> int:
    first = kind.partition(",")[0]
    return ORDER.index(first) if first in ORDER else len(ORDER)
