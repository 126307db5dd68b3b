"""A space that has no members, or nothing to choose from.

Why: nothing is inside such a space, so that every observation or action is outside; or a part of it says nothing.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space.low[0] = np.nan
        def observe(self):
            return super().observe()

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space.low[0] = -1

Limits: an entry of an action whose two bounds are one number, and a Dict or a Tuple without entries, are warnings; such
an entry of an observation, which may be a bias, is advice.
Source: Gymnasium check_env, and the constructors of Gymnasium's spaces.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SPACES, Construction
from envkit.core.show import show

MOST_ENTRIES = 64  # of an observation in which one that cannot vary is no padding
FIX = "declare the least and the greatest value that can occur"


def check(construction: Construction) -> Iterator[Finding]:
    for name in SPACES:
        space = construction.spaces[0].copies.get(name)
        for where, said, severity in _faults(space, name):
            program = f"{construction.first.program(0)}\nprint(env.{name})"
            yield Finding(f"{where} {said}", FIX, f"env.{name}", program, kind=where, severity=severity)


def _faults(space: Any, name: str) -> Iterator[tuple[str, str, Severity]]:
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = list(space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces))
        if not parts:
            yield name, f"is {a_space(space)} without entries", Severity.WARNING
        for key, inner in parts:
            yield from _faults(inner, f"{name}[{key!r}]")
    elif isinstance(space, spaces.Box):
        yield from _of_box(space, name)
    elif isinstance(space, spaces.Discrete) and space.n < 1:
        yield name, f"is Discrete({space.n}), which has no members", Severity.ERROR
    elif isinstance(space, spaces.MultiDiscrete) and (np.asarray(space.nvec) < 1).any():
        yield name, f"is {show(space)}, and an entry of nvec below 1 has no members", Severity.ERROR


def _of_box(space: spaces.Box, name: str) -> Iterator[tuple[str, str, Severity]]:
    low, high = space.low, space.high
    for bad, said in (
        (np.isnan(low) | np.isnan(high), "has the bounds {low} and {high}, between which no number lies"),
        (low > high, "has a low of {low} above its high of {high}"),
    ):
        places = np.argwhere(bad)
        if len(places):
            place = tuple(int(i) for i in places[0])
            where = f"{name}[{', '.join(map(str, place))}]" if place else name
            yield where, said.format(low=show(low[place]), high=show(high[place])), Severity.ERROR
            return
    same = np.argwhere(low == high)
    if len(same) and (name.startswith("action_space") or low.ndim == 1 < low.size <= MOST_ENTRIES):
        place = tuple(int(i) for i in same[0])
        said = f"leaves no choice: low and high of entry {place} are both {show(low[place])}"
        yield name, said, Severity.WARNING if name.startswith("action_space") else Severity.ADVICE


def a_space(space: Any) -> str:
    return f"a {type(space).__name__}"


RULE = Rule("EK110", "space-degenerate", Severity.ERROR, check)
