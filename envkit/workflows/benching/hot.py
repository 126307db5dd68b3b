"""The functions in which the time goes, by cProfile: it counts every call, and so makes those of Python dearer."""

import cProfile
import pstats
from pathlib import Path
from typing import Any

from envkit.workflows.benching.players import Single
from envkit.workflows.benching.subject import Subject

MOST = 5
LEAST = 0.02  # of the time: less is not worth a line


def hottest(subject: Subject, calls: int) -> list[dict[str, Any]]:
    """[{"function": text, "share": of all time, in itself}], of so many steps of the wrapped environment."""
    env = subject.maker()
    player = Single(env, subject.drawn(env.action_space), seed=subject.seed, limit=subject.limit)
    profile = cProfile.Profile()
    player.play(1)  # what is built at the first step is none of the others' time
    profile.enable()
    player.play(calls)
    profile.disable()
    player.close()
    entries: dict[tuple[str, int, str], Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    own = {place: float(row[2]) for place, row in entries.items() if not _is_ours(place)}
    total = sum(own.values()) or 1.0
    best = sorted(own.items(), key=lambda pair: -pair[1])[:MOST]
    return [{"function": _name(*place), "share": spent / total} for place, spent in best if spent >= LEAST * total]


def _is_ours(place: tuple[str, int, str]) -> bool:
    file, _, name = place
    return (file.endswith("players.py") and name == "play") or "lsprof" in name


def _name(file: str, line: int, name: str) -> str:
    """`cartpole.py:120 step`; what is built in has no place."""
    if file == "~":
        return name.strip("<>").removeprefix("built-in method ").removeprefix("method ").replace("'", "")
    return f"{Path(file).name}:{line} {name}"
