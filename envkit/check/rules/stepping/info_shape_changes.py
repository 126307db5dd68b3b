"""An entry of info changes its shape or its kind from step to step.

Why: vector environments stack the infos of all instances under one key. They make room for the first one; an array of
another shape, or a text where a number was, raises in the middle of a run, as soon as the instances are out of step.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["sparks"] = np.zeros(self.steps, np.float32)
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            info["sparks"] = np.zeros(20, np.float32)
            return observation, reward, terminated, truncated, info

Limits: an array of another shape is an error, another kind of value and a list that grows with every step a warning.
A key that is not always there is legal, and so is None beside a text or a float.
Source: Gymnasium VectorEnv._add_info: "We assume that all instances of the np.array info are of the same shape".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import show
from envkit.core.trace import Step, Trace

GROWN = 25  # entries of a list that has got one more with each step
CLASHES = {
    frozenset(pair)
    for pair in (("number", "text"), ("number", "dictionary"), ("number", "array"), ("text", "dictionary"),
                 ("array", "dictionary"), ("array", "text"), ("none", "dictionary"))
}  # fmt: skip


def check(rollouts: Rollouts) -> Iterator[Finding]:
    first: dict[str, tuple[str, Any]] = {}  # path -> kind and shape
    reported: set[str] = set()
    growing: dict[str, int] = {}
    for trace, step in rollouts.steps():
        for path, value in _entries(step.info):
            kind, shape = _kind(value), getattr(value, "shape", None)
            if kind == "none":
                continue
            before = first.setdefault(path, (kind, shape))
            if path not in reported and (said := _clash(path, before, (kind, shape), value)):
                reported.add(path)
                yield _finding(trace, step, said, path, error=kind == "array" == before[0])
            if path not in reported and _grows(growing, path, value, step):
                reported.add(path)
                message = f"{path} is a {type(value).__name__} with one entry more at each step: {len(value)} by now"
                yield _finding(trace, step, message, path, error=False)


def _clash(path: str, before: tuple[str, Any], now: tuple[str, Any], value: Any) -> str | None:
    if before[0] == now[0] == "array" and before[1] != now[1]:
        return f"{path} has shape {now[1]}, and had shape {before[1]} in an earlier step"
    if frozenset((before[0], now[0])) in CLASHES:
        return f"{path} is {show(value, most=40)}, a {now[0]}, and was a {before[0]} in an earlier step"
    return None


def _finding(trace: Trace, step: Step, message: str, path: str, *, error: bool) -> Finding:
    fix = f"give {path} one shape and type in every step: pad it, or leave it out"
    found = at_call(trace, step.index, message, fix)
    return replace(found, kind=path, severity=Severity.ERROR if error else Severity.WARNING)


def _entries(info: Any, path: str = "info") -> Iterator[tuple[str, Any]]:
    """(path, value) of all entries, those of dictionaries inside included."""
    if not isinstance(info, Mapping):
        return
    for key, value in info.items():
        inner = f"{path}[{key!r}]"
        if inner == "info['final_obs']":
            continue  # vector environments keep these as they are
        yield inner, value
        yield from _entries(value, inner)


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return "number"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, str):
        return "text"
    return "dictionary" if isinstance(value, dict) else "other"


def _grows(growing: dict[str, int], path: str, value: Any, step: Step) -> bool:
    """Whether a list has now got so long by one entry in each step of an episode."""
    if not isinstance(value, list | tuple):
        return False
    grown = step.number > 1 and growing.get(path) == len(value) - 1 and len(value) <= step.number + 1
    growing[path] = len(value) if grown or step.number == 1 else -1
    return grown and len(value) >= GROWN


RULE = Rule("EK509", "info-shape-changes", Severity.ERROR, check, symptom_of=("EK855",))
