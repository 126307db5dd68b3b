"""Plays given episodes in a process of its own, as `envkit.check.acting.echoes` starts it.

Reads one request from standard input and writes its answer to standard output, both pickled; the environment gets
neither. Another process has another hash seed, other memory addresses and another history; and on request another
time of day, set before the environment's module is imported.
"""

import contextlib
import copy
import dataclasses
import faulthandler
import os
import pickle
import sys
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from gymnasium.envs.registration import EnvSpec, load_env_creator

from envkit.check.acting.clock import Clock
from envkit.core.ref import EnvRef
from envkit.core.show import error_line
from envkit.core.trace import Call, is_true
from envkit.isolate.child import die_with_parent

MOST_BYTES = 2**26  # of an answer

Script = tuple[int, list[Any]]  # seed, actions
Episodes = tuple[tuple[Call, ...], ...]  # the calls of each script


def main() -> None:
    die_with_parent()
    requests, answers = _private(0, os.O_RDONLY, "rb"), _private(1, os.O_WRONLY, "wb")
    import envkit.core.resolve  # noqa: F401 - takes long, and the parent is not waiting yet

    try:
        sys.path[:] = pickle.load(requests)  # from our own parent, through a pipe nobody else holds
        request = pickle.load(requests)  # needs the path: actions may be of any module the parent could import
    except EOFError:
        os._exit(0)  # not needed, or the parent is gone
    with Path(os.devnull).open("w") as nothing:
        faulthandler.dump_traceback_later(request["seconds"], exit=True, file=nothing)
        answer: dict[str, Any]
        try:
            answer = {"rounds": rounds(**request["arguments"])}
        except BaseException as error:  # noqa: BLE001 - whatever the environment raises is told
            answer = {"failed": error_line(error)}
        data = pickle.dumps(answer)
        data = data if len(data) < MOST_BYTES else pickle.dumps({"failed": "the records are too large to compare"})
        answers.write(data)
        answers.flush()
        os._exit(0)  # what the environment left running, such as threads, must not keep the process


def _private(descriptor: int, mode: int, file_mode: str) -> IO[bytes]:
    """Takes a standard stream away from whatever else runs in this process."""
    own = os.fdopen(os.dup(descriptor), file_mode)
    nothing = os.open(os.devnull, mode)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    return own


@dataclasses.dataclass(frozen=True)
class Turn:
    """How the clock of one process is turned.

    Args:
      shifts: seconds by which it is ahead, for one instance after the other; the first holds for imports as well.
      late: turn it only after the environment's module was imported, for some libraries do not bear it.
    """

    shifts: tuple[float, ...]
    late: bool = False


def rounds(ref: bytes, turn: Turn, scripts: list[Script]) -> list[Episodes]:
    """All episodes on a first instance, then on a second, and so on, each under its own shift of the clock."""
    clock = Clock(turn.shifts[0])
    if turn.late:
        _import(pickle.loads(ref))
    with clock.turned() if any(turn.shifts) else contextlib.nullcontext():
        target = pickle.loads(ref)
        found = []
        for clock.shift in turn.shifts:
            env = target.make()
            found.append(tuple(episode(env, seed, actions) for seed, actions in scripts))
            env.close()
    return found


def _import(target: EnvRef) -> None:
    from envkit.core.resolve import locate

    source = locate(target)
    if isinstance(source, EnvSpec) and isinstance(source.entry_point, str):
        load_env_creator(source.entry_point)


def episode(env: Any, seed: int, actions: list[Any]) -> tuple[Call, ...]:
    """Resets and plays the actions, to the episode's end or an exception at the latest."""
    calls = [_call("reset", {"seed": seed}, partial(env.reset, seed=seed))]
    for action in actions:
        if calls[-1].error is not None or _over(calls[-1]):
            break
        given = copy.deepcopy(action)  # the environment may spoil what it gets
        calls.append(_call("step", {"action": action}, partial(env.step, given)))
    return tuple(calls)


def _over(call: Call) -> bool:
    result = call.copy
    return isinstance(result, tuple) and len(result) == 5 and (is_true(result[2]) or is_true(result[3]))


def _call(method: str, arguments: dict[str, Any], act: Callable[[], Any]) -> Call:
    try:
        return Call(method, arguments, copy=plain(act()))
    except Exception as error:  # noqa: BLE001 - evidence; its class may not exist in the other process
        return Call(method, arguments, error=RuntimeError(error_line(error)))


def as_here(call: Call) -> Call:
    """A call that was made in this process, as another process would have told it."""
    error = None if call.error is None else RuntimeError(error_line(call.error))
    return Call(call.method, call.arguments, copy=plain(call.copy), error=error)


def plain(value: Any) -> Any:
    """A copy of nothing but plain types, so that what is equal in two processes compares as equal.

    Objects become the name of their class, and what they hold where they are data.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.dtype.hasobject else np.array(value)
    if isinstance(value, np.generic):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        return {plain(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(plain, value))
    if isinstance(value, set | frozenset):
        return frozenset(map(plain, value))
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name, None)) for field in dataclasses.fields(value)}
    return f"<{kind.__qualname__}>"


if __name__ == "__main__":
    main()
