"""What the numbers say to do, each in one line; nothing where they say nothing."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from envkit.core.show import count
from envkit.workflows.benching.result import Row, Share, Spread
from envkit.workflows.benching.shares import BATCHING, OWN, RENDERING, WRAPPERS

MUCH = 0.25  # of a step, from which on it is worth a word
NAMED = 0.02  # of a step, for sure: the wrappers that are named
CLEAR = 1.1  # times as fast, which the quartiles must not reach across
BUSY = 0.15  # of the yardstick's time, between its quartiles
CHECKER = "PassiveEnvChecker"


def advice(rows: Sequence[Row], shares: Sequence[Share], trend: Mapping[str, Any]) -> list[str]:
    lines = [*_wrappers(shares), *_rendering(rows, shares), *_batches(rows), *_batching(shares), *_trend(trend)]
    return lines + _busy(rows)


def _wrappers(shares: Sequence[Share]) -> list[str]:
    taken = next((share for share in shares if share.what == WRAPPERS), None)
    if taken is None or taken.part.low < MUCH:
        return []
    named = [share for share in shares if share.of == taken.of and share.what not in (OWN, WRAPPERS)]
    worst = sorted(named, key=lambda share: -share.part.median)
    told = ", ".join(f"{share.what} {share.part.median:.0%}" for share in worst if share.part.low >= NAMED)
    checker = next((share for share in named if share.what == CHECKER and share.part.low >= MUCH / 2), None)
    cure = "; gymnasium.make(..., disable_env_checker=True) leaves the checker out" if checker else ""
    return [f"wrappers take {taken.part.median:.0%} of a step{': ' if told else ''}{told}{cure}"]


def _rendering(rows: Sequence[Row], shares: Sequence[Share]) -> list[str]:
    found = []
    for share in shares:
        row = next((row for row in rows if row.key == share.of), None)
        if share.what == RENDERING and row is not None and share.part.low >= MUCH:
            took = 1e3 * share.part.median / row.rate.median
            found.append(
                f"rendering: {row.name.partition(', ')[2]} takes {took:.3g} ms, {share.part.median:.0%} of its step"
            )
    return found


def _batches(rows: Sequence[Row]) -> list[str]:
    """Which way to vectorise, by the numbers of environments that were tried."""
    found = []
    sync, workers = _by_count(rows, "SyncVectorEnv"), _by_count(rows, "AsyncVectorEnv")
    both = sorted(sync.keys() & workers.keys())
    pays = list(takewhile(lambda number: _faster(workers[number], sync[number]), reversed(both)))[::-1]
    if pays:
        most = workers[pays[-1]].median / sync[pays[-1]].median
        found.append(
            f"AsyncVectorEnv pays from {count(pays[0], 'environment')} on: {most:.1f} times SyncVectorEnv at {pays[-1]}"
        )
    elif both and all(_faster(sync[count], workers[count]) for count in both):
        least = min(sync[count].median / workers[count].median for count in both)
        upto = f"up to {count(both[-1], 'environment')}"
        found.append(f"AsyncVectorEnv does not pay {upto}: SyncVectorEnv is {least:.1f} times as fast, or more")
    native = _by_count(rows, "vector_entry_point")
    quicker = [count for count in sorted(native.keys() & sync.keys()) if _faster(native[count], sync[count])]
    if quicker:
        at = quicker[-1]
        times = native[at].median / sync[at].median
        found.append(f"the environment's own batch is {times:.1f} times as fast as SyncVectorEnv at {at}")
    return found


def _batching(shares: Sequence[Share]) -> list[str]:
    most = max((s for s in shares if s.what == BATCHING), key=lambda share: share.part.low, default=None)
    if most is None or most.part.low < 2 * MUCH:
        return []
    return [f"putting observations and infos together takes {most.part.median:.0%} of a step of {most.of}"]


def _trend(trend: Mapping[str, Any]) -> list[str]:
    cure = "`envkit check` looks for the cause (EK810, EK870)"
    return [f"it {what} from episode to episode: {cure}" for what in ("slows", "grows") if trend.get(what)]


def _busy(rows: Sequence[Row]) -> list[str]:
    yardstick = Spread.of([took.passed for row in rows for took in row.yardsticks])
    swing = (yardstick.high - yardstick.low) / yardstick.median
    if swing < BUSY:
        return []
    return [f"the machine was busy: the same fixed work took up to {swing:.0%} more or less; compare with care"]


def _by_count(rows: Sequence[Row], name: str) -> dict[int, Spread]:
    return {row.num_envs: row.rate for row in rows if row.name == name and row.num_envs is not None}


def _faster(one: Spread, other: Spread) -> bool:
    return one.low > other.high and one.median > CLEAR * other.median
