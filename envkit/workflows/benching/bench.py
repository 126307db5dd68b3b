"""`bench`: measures an environment in child processes, which may die or hang without harm."""

import os
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.machine import cores
from envkit.core.ref import EnvRef
from envkit.isolate import parent
from envkit.workflows.benching.memory import weighed
from envkit.workflows.benching.result import Bench, Row, Share, Spread
from envkit.workflows.benching.session import measure

WEIGHED = 3  # processes whose memory is looked at
MEMORY_PART = 0.8  # of the machine's, which all processes together may use
MOST_ENVS = 65_536
Progress = Callable[[str, int], None]  # what is being measured, calls so far


def bench(
    target: Any,
    *,
    num_envs: Sequence[int] = (8,),
    seconds: float = 0.6,
    seed: int = 0,
    timeout: float = 60.0,
    progress: Progress | None = None,
    **env_kwargs: Any,
) -> Bench:
    """Measures the environment that `target` names (see `EnvRef`).

    Args:
      num_envs: the numbers of environments to vectorise.
      seconds: for each row of the table, all rounds together.
      seed: of actions and resets.
      timeout: seconds without a sign of life, after which the environment hangs; the longest call must fit in.

    Raises:
      UsageError: the reference names nothing, or a number is out of range.
      EnvironmentFailed: the environment raised, died or hung.
    """
    counts = tuple(sorted(set(num_envs)))
    if not counts or counts[0] < 1 or counts[-1] > MOST_ENVS:
        listed = ", ".join(map(str, counts)) or "none"
        raise UsageError(f"the numbers of environments are {listed}, but each is from 1 to {MOST_ENVS:,}")
    if seconds <= 0 or timeout <= 0 or seed < 0:
        raise UsageError(
            f"seconds is {seconds:g}, timeout {timeout:g} and seed {seed}; above 0, above 0, and 0 or more"
        )
    ref = EnvRef.of(target, **env_kwargs)
    total = 120 + 100 * seconds * (10 + 10 * len(counts)) + 10 * timeout
    limits = parent.Limits(call_seconds=timeout, total_seconds=total, memory_bytes=_memory())
    found = _apart(measure, {"ref": ref, "counts": counts, "seed": seed, "seconds": seconds}, limits, progress)
    weights = [_apart(weighed, {"ref": ref, "seed": seed}, limits, progress) for _ in range(WEIGHED)]
    return Bench(
        str(ref),
        dict(ref.kwargs),
        seed,
        machine(),
        tuple(Row.from_json(row) for row in found["rows"]),
        found["missing"],
        {name: tuple(float(weight[name]) for weight in weights) for name in ("alone", "each")},
        tuple(Share(share["what"], share["of"], Spread(**share["part"])) for share in found["shares"]),
        tuple(found["hot"]),
        found["trend"],
        tuple(found["advice"]),
    )


def machine() -> dict[str, Any]:
    """What the numbers depend on, as far as it is known."""
    versions = {name: version(name) for name in ("gymnasium", "numpy")}
    return {"cores": cores(), "system": platform.machine(), "python": platform.python_version(), **versions}


def _apart(
    function: Callable[..., dict[str, Any]], arguments: dict[str, Any], limits: parent.Limits, progress: Progress | None
) -> dict[str, Any]:
    """What the function answers in a child process; on Windows in this one."""
    name = str(arguments["ref"])
    if os.name == "posix":
        ending = parent.run(f"{function.__module__}:{function.__name__}", arguments, limits, watch=progress)
        if ending.kind != "answered":
            raise EnvironmentFailed(f"{name}: {ending.how}, while measuring {ending.chapter!r}: {_last(ending)}")
        answer: dict[str, Any] = ending.answer
    else:
        answer = function(None, **arguments)
    if "usage" in answer:
        raise UsageError(answer["usage"])
    if "failed" in answer:
        raise EnvironmentFailed(answer["failed"])
    return answer


def _last(ending: parent.Ending) -> str:
    what = ending.calls[-1] if ending.calls else "start"
    where = f" ({ending.stack[0]})" if ending.stack else ""
    return f"{what}{where}"


def _memory() -> int:
    try:
        return int(MEMORY_PART * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return parent.Limits().memory_bytes
