"""What one answer of an environment promises, as functions that return the fault, or None."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.judging.membership import why_outside
from envkit.core.compare import first_difference
from envkit.core.show import a, show
from envkit.core.trace import Call
from envkit.testing.plain import NAMES, Fault


def reset_fault(space: spaces.Space[Any], answer: Any) -> Fault | None:
    """Two parts: an observation in the space, and a dict."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        return _parts_fault("reset", answer, "two parts (observation, info)", 2)
    observation, info = answer
    return _membership_fault(space, observation) or _info_fault(info)


def step_fault(space: spaces.Space[Any], answer: Any) -> Fault | None:
    """Five parts: an observation in the space, a finite number, two bools, a dict."""
    if not isinstance(answer, tuple) or len(answer) != 5:
        return _parts_fault("step", answer, f"five parts ({NAMES['step']})", 5)
    observation, reward, terminated, truncated, info = answer
    return (
        _membership_fault(space, observation)
        or _reward_fault(reward)
        or _flag_fault("terminated", terminated)
        or _flag_fault("truncated", truncated)
        or _info_fault(info)
    )


def change_fault(calls: list[Call]) -> tuple[int, str, Fault] | None:
    """Whether anything that was handed out has changed since: (index of the call, name of the part, fault)."""
    for index, call in enumerate(calls):
        for name, then, now in zip(_names(call), call.copy, call.result, strict=True):
            difference = first_difference(then, now, name)
            if difference:
                text = f"what {call} returned has changed since: {difference} (first then, now second)"
                return index, name, Fault(text, f"assert envkit.testing.first_difference(kept, {name}) is None")
    return None


def sharing_fault(call: Call, earlier: Call) -> Fault | None:
    """Whether two answers hold the same array or dict, so that a change to one is a change to the other."""
    before = list(_mutables(earlier.result[0], "observation")) + list(_mutables(earlier.result[-1], "info"))
    for name, part in [*_mutables(call.result[0], "observation"), *_mutables(call.result[-1], "info")]:
        for other, old in before:
            arrays = isinstance(part, np.ndarray) and isinstance(old, np.ndarray)
            if part is old or (arrays and overlap(part, old)):
                text = f"the {name} that {call} returned is the same object as the {other} that {earlier} returned"
                here, there = _within("later", name), _within("earlier", other)
                shared = f"not np.shares_memory({there}, {here})" if arrays else f"{here} is not {there}"
                return Fault(text, f"assert {shared}", "later")
    return None


def replay_fault(call: Call, again: Call) -> str | None:
    """Whether an instance, asked the same, answered something else; infos may tell the time, and are not compared."""
    names = _names(call)[:-1]
    for name, one, other in zip(names, call.copy, again.copy, strict=False):
        difference = first_difference(one, other, name)
        if difference:
            return difference
    return None


def _parts_fault(method: str, answer: Any, parts: str, count: int) -> Fault:
    text = f"{method} returned {_count(answer)}, not the {parts}"
    return Fault(text, f"assert isinstance(answer, tuple) and len(answer) == {count}", "answer")


def _membership_fault(space: spaces.Space[Any], observation: Any) -> Fault | None:
    why = why_outside(space, observation)
    check = "assert envkit.testing.why_outside(env.observation_space, observation) is None"
    return Fault(why, check) if why else None


def _reward_fault(reward: Any) -> Fault | None:
    if isinstance(reward, bool | np.bool_) or not isinstance(reward, int | float | np.integer | np.floating):
        check = "assert isinstance(reward, int | float | np.integer | np.floating) and not isinstance(reward, bool)"
        return Fault(f"the reward is {a(type(reward).__name__)}, {show(reward)}, not a number", check)
    if math.isfinite(reward):
        return None
    return Fault(f"the reward is {show(reward)}, not a finite number", "assert np.isfinite(reward)")


def _flag_fault(name: str, flag: Any) -> Fault | None:
    if isinstance(flag, bool | np.bool_):
        return None
    text = f"{name} is {a(type(flag).__name__)}, {show(flag)}, not a bool"
    return Fault(text, f"assert isinstance({name}, bool | np.bool_)")


def _info_fault(info: Any) -> Fault | None:
    if isinstance(info, dict):
        return None
    return Fault(f"info is {a(type(info).__name__)}, {show(info)}, not a dict", "assert isinstance(info, dict)")


def _count(answer: Any) -> str:
    return f"{len(answer)} parts" if isinstance(answer, tuple) else f"{a(type(answer).__name__)}, {show(answer)}"


def _names(call: Call) -> tuple[str, ...]:
    return tuple(NAMES[call.method].split(", "))


def _within(answer: str, name: str) -> str:
    """The part `observation['speed']` or `info['speed']` of a whole answer, as Python."""
    root = "observation" if name.startswith("observation") else "info"
    return f"{answer}[{0 if root == 'observation' else -1}]{name.removeprefix(root)}"


def overlap(one: Any, other: Any) -> bool:
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
