"""The infos of all episodes, and which of them vector environments cannot put side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from envkit.check.judging.pairs import make_text, playing
from envkit.check.model import Finding
from envkit.check.probes.rollouts import Rollouts
from envkit.core.case import Case, case_of
from envkit.core.show import error_line, show
from envkit.core.trace import Trace

KEPT_AS_IT_IS = "final_obs"


@dataclass(frozen=True)
class Seen:
    """A value in an info, and the call that returned it."""

    trace: Trace
    index: int
    value: Any

    @property
    def met(self) -> str:
        """With which others it can meet: all copies are reset with seeds at once, and later on each by itself."""
        call = self.trace.calls[self.index]
        return "seeded" if call.method == "reset" and call.arguments.get("seed") is not None else "later"

    @property
    def case(self) -> Case | None:
        """What to play: from the last reset with a seed on."""
        calls = self.trace.calls[: self.index + 1]
        seeded = (
            i for i, call in enumerate(calls) if call.method == "reset" and call.arguments.get("seed") is not None
        )
        return case_of(calls, max(seeded, default=0))


@dataclass(frozen=True)
class Clash:
    """Two values under one key.

    Args:
      path: of the key, such as ['speed'] or ['car']['speed'].
      error: what putting the second beside the first raises; empty when it works.
      becomes: what the second then is, if not what it was; else None.
    """

    path: str
    first: Seen
    second: Seen
    error: str
    becomes: Any = None

    def finding(self, then: str, fix: str) -> Finding:
        """That these two cannot stand side by side: what then happens, and what to do."""
        first, second = show(self.first.value), show(self.second.value)
        return Finding(
            message=f"info{self.path} is {first} in one step and {second} in another{then}",
            fix=fix,
            at=self.second.trace.place(self.second.index),
            program=self.program(),
            kind=self.path,
            case=self.case(),
        )

    def case(self) -> Case | None:
        """One instance that plays both episodes."""
        first, second = self.first.case, self.second.case
        return Case((*first.episodes, *second.episodes), second.arguments) if first and second else None

    def program(self) -> str:
        """Two instances, and what the vector environment does with their infos."""
        lines = ["import envkit", "from gymnasium.vector import VectorEnv", ""]
        for name, seen in (("one", self.first), ("other", self.second)):
            case = seen.case
            lines += [f"env = {make_text(seen.trace.calls[0])}", *(playing(case.episodes) if case else [])]
            lines += [f"{name} = result[-1]"]
        lines += ["", "vector = VectorEnv()", "vector.num_envs = 2"]
        return "\n".join([*lines, "print(vector._add_info(vector._add_info({}, one, 0), other, 1))"])


def infos(rollouts: Rollouts) -> Iterator[tuple[Trace, int, Any]]:
    """(record, index of the call, info) of all resets and of all steps before the end."""
    for trace in rollouts.traces:
        yield from ((trace, index, call.copy[1]) for index, call in trace.resets)
        yield from ((trace, step.index, step.info) for step in trace.steps if not step.beyond)


def clashes(rollouts: Rollouts) -> list[Clash]:
    """For each key at most one that raises, or else one that changes a value; arrays beside arrays are left out."""
    kinds: dict[str, dict[Any, Seen]] = {}
    for trace, index, info in infos(rollouts):
        _collect(kinds, trace, index, info, "")
    found = []
    for path, seen in kinds.items():
        pairs = ((one, other) for one, other in permutations(seen.values(), 2) if one.met == other.met)
        of_key = [_tried(path, first, second) for first, second in pairs]
        worst = sorted((clash for clash in of_key if clash), key=lambda clash: not clash.error)
        found += worst[:1]
    return found


def _collect(kinds: dict[str, dict[Any, Seen]], trace: Trace, index: int, info: Any, path: str) -> None:
    if not isinstance(info, dict):
        return
    for key, value in info.items():
        if key == KEPT_AS_IT_IS:
            continue
        inner = f"{path}[{key!r}]"
        kind = "fraction" if isinstance(value, float | np.floating) and value % 1 else type(value)
        seen = Seen(trace, index, value)
        kinds.setdefault(inner, {}).setdefault((seen.met, kind), seen)
        if isinstance(value, dict):
            _collect(kinds, trace, index, value, inner)


def _tried(path: str, first: Seen, second: Seen) -> Clash | None:
    if isinstance(first.value, np.ndarray) and isinstance(second.value, np.ndarray):
        return None
    if isinstance(first.value, dict) and isinstance(second.value, dict):
        return None
    vector = _two()
    try:
        stacked = vector._add_info(vector._add_info({}, {"it": first.value}, 0), {"it": second.value}, 1)["it"]
        becomes = stacked[1] if isinstance(second.value, float | np.floating) else second.value
    except Exception as error:  # noqa: BLE001 - that is the clash
        return Clash(path, first, second, error_line(error))
    if isinstance(second.value, float | np.floating) and second.value % 1 and becomes != second.value:
        whole = isinstance(first.value, bool | int | np.integer)
        return Clash(path, first, second, "", becomes) if whole else None
    return None


def _two() -> VectorEnv[Any, Any, Any]:
    vector: VectorEnv[Any, Any, Any] = VectorEnv()
    vector.num_envs = 2
    return vector
