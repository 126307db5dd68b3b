"""An info cannot be pickled.

Why: worker processes send their infos to the main process by pickle. One generator, lock or lambda in the last info of
an episode ends the whole run.

Fails:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if terminated or truncated:
                info["replay"] = (step for step in range(self.steps))
            return observation, reward, terminated, truncated, info

Passes:

    class Env(Lamp):
        def step(self, action):
            observation, reward, terminated, truncated, info = super().step(action)
            if terminated or truncated:
                info["replay"] = list(range(self.steps))
            return observation, reward, terminated, truncated, info

Limits: a class of a notebook or a script counts as picklable.
Source: Gymnasium AsyncVectorEnv; https://gymnasium.farama.org/api/vector/async_vector_env/
"""

import io
import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from envkit.check.judging.infos import infos
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import error_line

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)
ENOUGH = 3  # infos of the same types


def check(rollouts: Rollouts) -> Iterator[Finding]:
    tried: Counter[Any] = Counter()
    for trace, index, info in infos(rollouts):
        for key, value in info.items() if isinstance(info, dict) else ():
            types = _types(value)
            if types is None or tried[key, types] >= ENOUGH:
                continue
            tried[key, types] += 1
            error = _why(value)
            if error:
                message = f"info[{key!r}] of {trace.place(index)} cannot be pickled: {error}"
                fix = f"put plain values into info[{key!r}]: numbers, texts, arrays, and lists and dictionaries of them"
                found = at_call(trace, index, message, fix)
                program = f"import pickle\n{_keeping(found.program)}\npickle.dumps(result[-1])"
                yield replace(found, program=program)
                return


def _keeping(program: str) -> str:
    """The program with its last result kept instead of printed."""
    before, _, last = program.rpartition("print(")
    return f"{before}result = {last.removesuffix(')')}"


def _types(value: Any, depth: int = 0) -> Any:
    """The types in it, all told; None where there are only plain ones, which can be pickled."""
    if isinstance(value, PLAIN) or (isinstance(value, np.ndarray) and not value.dtype.hasobject):
        return None
    if type(value) in (dict, list, tuple, set) and depth < 4:
        parts = value.values() if isinstance(value, dict) else value
        inner = frozenset(types for types in (_types(part, depth + 1) for part in parts) if types is not None)
        return (type(value), inner) if inner else None
    return type(value)


def _why(value: Any) -> str:
    try:
        _Pickler(io.BytesIO()).dump(value)
    except Exception as error:  # noqa: BLE001 - whatever a foreign object's pickling raises
        return error_line(error)
    return ""


class _Pickler(pickle.Pickler):
    """Takes classes and functions of the main module on trust: here it is not the one that they come from."""

    def reducer_override(self, value: Any) -> Any:
        named = getattr(value, "__qualname__", "<")
        if getattr(value, "__module__", "") == "__main__" and "<" not in named:
            return str, (named,)
        return NotImplemented


RULE = Rule("EK854", "info-not-picklable", Severity.ERROR, check, symptom_of=("EK506",))
