"""Every number of an observation or an action: its place, name, bounds and unit, and what it was once.

Bounds are those of the space. Names and units are the documentation's: of a table (`| 0 | Cart Position |`) or a list
(`- 0: height (m)`) that has one for each number, or for each part of a Tuple.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from math import isfinite, prod
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.core.show import number, show
from envkit.workflows import cards
from envkit.workflows.playing.entries import entries_of, parts_of
from envkit.workflows.playing.names import TITLE, action_names, entry_names
from envkit.workflows.spaces import Space, constructor

OBSERVATION, ACTION = "observation", "action"
TITLES = {OBSERVATION: r"observations?(?: space)?", ACTION: TITLE}
MOST = 64  # rows for one array or for the actions of a Discrete space; more are one row
UNIT = re.compile(r"\(([^()]+)\)$")  # `angle (rad)`
MEASURED = re.compile(r"~?\s*[-+]?[\d.]+\s+([a-zA-Z][\w/]*)")  # `~ -0.418 rad (-24°)`


@dataclass(frozen=True)
class Row:
    """One number, one part that is none, or one choice of a few.

    Args:
      place: its index, key or number; empty where it is the only one.
      low, high: None where there are no bounds.
      once: what it was in a first observation or a first action, as text.
      is_number: whether it is one, or an array of them.
    """

    place: str
    name: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    once: str = ""
    is_number: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place, "name": self.name, "low": self.low, "high": self.high, "unit": self.unit,
            "once": self.once,
        }  # fmt: skip


@dataclass(frozen=True)
class Side:
    """What an environment shows, or what it takes; `said` is what the documentation says of it."""

    space: Space
    rows: tuple[Row, ...]
    said: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether every row has a name."""
        return bool(self.rows) and all(row.name for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        return {
            "space": constructor(self.space),
            "entries": [row.to_json() for row in self.rows],
            "said": list(self.said),
        }


def observed(env: gymnasium.Env[Any, Any], once: Any) -> Side:
    """The observations; `once` is one of them, or None."""
    return _side(env, OBSERVATION, env.observation_space, once)


def taken(env: gymnasium.Env[Any, Any], once: Any) -> Side:
    """The actions; `once` is one of them, or None."""
    space = env.action_space
    if isinstance(space, spaces.Discrete) and space.n <= MOST and (names := action_names(env)):
        units = [unit for _, unit in _documented(env, ACTION, len(names))] or [""] * len(names)
        told = zip(count(int(space.start)), names, units, strict=False)
        rows = tuple(Row(str(which), name, unit=unit, is_number=False) for which, name, unit in told)
        return Side(space, rows, _said(env, ACTION))
    side = _side(env, ACTION, space, once)
    lists = entry_names(env, [int(n) for n in space.nvec.flat]) if isinstance(space, spaces.MultiDiscrete) else None
    if lists and not side.is_named:
        named = tuple(replace(row, name=", ".join(names)) for row, names in zip(side.rows, lists, strict=True))
        side = Side(space, named, side.said)
    return side


def _side(env: gymnasium.Env[Any, Any], kind: str, space: Space, once: Any) -> Side:
    found = tuple(_rows(space, once, ""))
    flat = isinstance(space, spaces.Tuple) and len(found) == len(space.spaces)
    if flat or isinstance(space, spaces.Box | spaces.MultiDiscrete | spaces.MultiBinary):
        told = _documented(env, kind, len(found))
        if told:
            pairs = zip(found, told, strict=True)
            found = tuple(replace(row, name=name, unit=unit) for row, (name, unit) in pairs)
    return Side(space, found, _said(env, kind))


def _rows(space: Space, once: Any, place: str) -> Iterator[Row]:
    if isinstance(space, spaces.Tuple | spaces.Dict):
        keys = list(space.spaces) if isinstance(space, spaces.Dict) else range(len(space.spaces))
        for key, (name, part) in zip(keys, parts_of(space, place), strict=True):
            yield from _rows(part, None if once is None else once[key], name)
        return
    size = prod(space.shape or ())
    if isinstance(space, spaces.Box) and size > MOST:
        yield Row(place, low=_finite(space.low.min()), high=_finite(space.high.max()), once=_brief(once))
        return
    entries = entries_of(space, place)
    if entries is None:
        yield Row(place, once=_brief(once), is_number=False)
    elif size > MOST:
        low, high = min(entry.low for entry in entries), max(entry.high for entry in entries)
        yield Row(place, low=_finite(low), high=_finite(high), once=_brief(once))
    else:
        values = [None] * len(entries) if once is None else np.asarray(once).flat
        for entry, value in zip(entries, values, strict=True):
            yield Row(entry.name, low=_finite(entry.low), high=_finite(entry.high), once=_brief(value))


def _documented(env: gymnasium.Env[Any, Any], kind: str, wanted: int) -> list[tuple[str, str]]:
    """(name, unit) of so many numbers; empty where the documentation has no table or list with just those."""
    for document in cards.documents(env):
        for table in cards.tables(document):
            found = _of_table(table, kind, wanted)
            if found:
                return found
    for text in cards.texts(env, TITLES[kind]):
        items = cards.ITEM.findall(text)
        names = cards.numbered(items, 0, wanted)
        if wanted and all(names) and len(items) == wanted:
            return [_with_unit(name.partition(",")[0]) for name in names]
    return []


def _with_unit(name: str) -> tuple[str, str]:
    """`height (m)` in two."""
    inner = UNIT.search(name)
    return cards.clean(UNIT.sub("", name)), cards.clean(inner[1]) if inner else ""


def _of_table(table: cards.Table, kind: str, wanted: int) -> list[tuple[str, str]]:
    heads = list(table[0])
    if kind not in heads:
        return []
    name = "name" if "name" in heads else kind
    lines = table if heads[0] == kind else [line for line in table if line[heads[0]].isdecimal()]
    if len(lines) != wanted or (heads[0] != kind and [int(line[heads[0]]) for line in lines] != list(range(wanted))):
        return []
    return [(cards.clean(line.get(name, "")), _unit(line)) for line in lines]


def _unit(line: dict[str, str]) -> str:
    for head, cell in line.items():
        if "unit" in head:
            inner = UNIT.search(cell)
            return cards.clean(inner[1] if inner else cell)
    measured = MEASURED.match(line.get("min", ""))
    return cards.clean(measured[1]) if measured else ""


def _said(env: gymnasium.Env[Any, Any], kind: str) -> tuple[str, ...]:
    return tuple(cards.in_short(next(cards.texts(env, TITLES[kind]), "")))


def _finite(bound: Any) -> float | None:
    return float(bound) + 0.0 if isfinite(bound) else None  # -0 is 0


def _brief(value: Any) -> str:
    """A value in little room; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, spaces.GraphInstance):
        return f"a graph of {len(value.nodes)} nodes"  # type: ignore[arg-type]
    if isinstance(value, np.generic) and value.dtype.kind == "f":
        return f"{float(value):.4g}"
    return number(value) if isinstance(value, float) else show(value, most=40)
