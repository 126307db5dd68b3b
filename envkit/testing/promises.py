"""What one answer of an environment promises, as functions that return the fault in one line, or None."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.judging.membership import why_outside
from envkit.core.compare import first_difference
from envkit.core.show import a, show
from envkit.core.trace import Call


def reset_fault(space: spaces.Space[Any], answer: Any) -> str | None:
    """Two parts: an observation in the space, and a dict."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        return f"reset returned {_count(answer)}, not the two parts (observation, info)"
    observation, info = answer
    return why_outside(space, observation) or _info_fault(info)


def step_fault(space: spaces.Space[Any], answer: Any) -> str | None:
    """Five parts: an observation in the space, a finite number, two bools, a dict."""
    if not isinstance(answer, tuple) or len(answer) != 5:
        return f"step returned {_count(answer)}, not the five parts (observation, reward, terminated, truncated, info)"
    observation, reward, terminated, truncated, info = answer
    return (
        why_outside(space, observation)
        or _reward_fault(reward)
        or _flag_fault("terminated", terminated)
        or _flag_fault("truncated", truncated)
        or _info_fault(info)
    )


def change_fault(calls: list[Call]) -> str | None:
    """Whether anything that was handed out has changed since."""
    for call in calls:
        for name, then, now in zip(_names(call), call.copy, call.result, strict=True):
            difference = first_difference(then, now, name)
            if difference:
                return f"what {call} returned has changed since: {difference} (first then, now second)"
    return None


def sharing_fault(call: Call, earlier: Call) -> str | None:
    """Whether two answers hold the same array or dict, so that a change to one is a change to the other."""
    before = list(_mutables(earlier.result[0], "observation")) + list(_mutables(earlier.result[-1], "info"))
    for name, part in [*_mutables(call.result[0], "observation"), *_mutables(call.result[-1], "info")]:
        for other, old in before:
            if part is old or (isinstance(part, np.ndarray) and isinstance(old, np.ndarray) and _overlap(part, old)):
                return f"the {name} that {call} returned is the same object as the {other} that {earlier} returned"
    return None


def replay_fault(call: Call, again: Call) -> str | None:
    """Whether an instance, asked the same, answered something else; infos may tell the time, and are not compared."""
    names = _names(call)[:-1]
    for name, one, other in zip(names, call.copy, again.copy, strict=False):
        difference = first_difference(one, other, name)
        if difference:
            return difference
    return None


def _reward_fault(reward: Any) -> str | None:
    if isinstance(reward, bool | np.bool_) or not isinstance(reward, int | float | np.integer | np.floating):
        return f"the reward is {a(type(reward).__name__)}, {show(reward)}, not a number"
    return None if math.isfinite(reward) else f"the reward is {show(reward)}, not a finite number"


def _flag_fault(name: str, flag: Any) -> str | None:
    return (
        None if isinstance(flag, bool | np.bool_) else f"{name} is {a(type(flag).__name__)}, {show(flag)}, not a bool"
    )


def _info_fault(info: Any) -> str | None:
    return None if isinstance(info, dict) else f"info is {a(type(info).__name__)}, {show(info)}, not a dict"


def _count(answer: Any) -> str:
    return f"{len(answer)} parts" if isinstance(answer, tuple) else f"{a(type(answer).__name__)}, {show(answer)}"


def _names(call: Call) -> tuple[str, ...]:
    if call.method == "reset":
        return ("observation", "info")
    return ("observation", "reward", "terminated", "truncated", "info")


def _overlap(one: Any, other: Any) -> bool:
    return one.size > 0 and np.may_share_memory(one, other) and bool(np.shares_memory(one, other))


def _mutables(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every array, dict and list within an answer."""
    if isinstance(value, dict | np.ndarray | list):
        yield name, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _mutables(part, f"{name}[{key!r}]")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _mutables(part, f"{name}[{index}]")
