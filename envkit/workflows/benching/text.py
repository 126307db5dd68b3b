"""The report: a table of rows, what it costs, where the time goes, the trend, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from envkit.core.show import count
from envkit.workflows.benching.compare import Change, Comparison
from envkit.workflows.benching.kind import FRAME, STEP
from envkit.workflows.benching.result import Bench, Row, Spread
from envkit.workflows.benching.shares import BATCHING, OWN, RENDERING, WRAPPERS
from envkit.workflows.tables import laid_out

LEAST_PART = 0.005  # a wrapper that takes less is not named


def text(bench: Bench, comparison: Comparison | None = None) -> str:
    """The whole report, without a newline at its end."""
    blocks = [_head(bench), _steps(bench), _costs(bench), _where(bench), _trend(bench.trend), _advice(bench)]
    blocks += [_missing(bench.missing), _compared(comparison)]
    return "\n\n".join(block for block in blocks if block)


def _head(bench: Bench) -> str:
    has = bench.machine
    yardstick = Spread.of([took.passed for row in bench.rows for took in row.yardsticks])
    on = f"{count(has['cores'], 'core')}, Python {has['python']}, gymnasium {has['gymnasium']}, numpy {has['numpy']}"
    return f"{bench.env}: {on}; the yardstick takes {_time(yardstick)}"


def _steps(bench: Bench) -> str:
    rows = [row for row in bench.rows if row.unit in (STEP, FRAME) and not row.inner]
    return "\n".join(["  steps a second", laid_out([(row.key, *_rate(row)) for row in rows])])


def _rate(row: Row) -> tuple[str, str]:
    rate = row.rate
    return f"{_digits(rate.median):>11}", f"{_digits(rate.low)} to {_digits(rate.high)}"


def _costs(bench: Bench) -> str:
    rows = [row for row in bench.rows if row.unit not in (STEP, FRAME) and not row.inner]
    table = [(row.key, *_spread_time(row.seconds)) for row in rows]
    about = {"alone": "memory, a process with one", "each": "memory, each further one"}
    for name, values in bench.memory.items():
        spread = Spread.of(values)
        unit, size = ("MiB", 2**20) if spread.median >= 2**20 else ("KiB", 2**10)
        low, high = (f"{value / size:.1f}" for value in (spread.low, spread.high))
        table.append((about[name], f"{spread.median / size:.1f} {unit}", f"{low} to {high}"))
    return "\n".join(["  cost", laid_out(table)])


def _where(bench: Bench) -> str:
    """The shares, whose rows add up to a step."""
    table = []
    for share in bench.shares:
        part = share.part
        inner = share.what not in (OWN, WRAPPERS, RENDERING, BATCHING)
        if inner and part.median < LEAST_PART:
            continue
        what = f"  {share.what}" if inner else share.what
        of = "" if inner else f", of a step {share.of}"
        table.append((f"{what}{of}", f"{part.median:4.0%}", f"{part.low:.0%} to {part.high:.0%}"))
    lines = ["  where the time goes"]
    if table:
        lines.append(laid_out(table))
    if bench.hot:
        lines.append("  functions, in themselves, by cProfile, which makes calls of Python dearer than they are")
        lines.append(laid_out([(row["function"], f"{row['share']:4.0%}", "") for row in bench.hot]))
    return "\n".join(lines) if len(lines) > 1 else ""


def _trend(trend: Mapping[str, Any]) -> str:
    played = count(trend["episodes"], "episode")
    if trend["time"] is None:
        return f"  trend: unknown, for {played} are too few"
    time, memory = trend["time"], trend["memory"]
    rows = [
        (
            "time of a step",
            "slower" if trend["slows"] else "steady",
            f"{time['growth']:+.0%} ({time['low']:+.0%} to {time['high']:+.0%}) from the first to the last",
        ),
        (
            "memory",
            "growing" if trend["grows"] else "steady",
            f"{_bytes(memory['growth'])} an episode ({_bytes(memory['low'])} to {_bytes(memory['high'])})",
        ),
    ]
    return "\n".join([f"  trend over {trend['episodes']:,} episodes, the same again and again", laid_out(rows)])


def _advice(bench: Bench) -> str:
    return "\n".join(f"  note: {line}" for line in bench.advice)


def _missing(missing: Mapping[str, str]) -> str:
    """Rows of several numbers of environments share a reason."""
    reasons: dict[tuple[str, str], None] = {(key.partition(" x ")[0], reason): None for key, reason in missing.items()}
    return "\n".join(f"  not measured: {name}: {reason}" for name, reason in reasons)


def _compared(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    rows = [(change.row, f"{change.ratio:5.2f}", _verdict(change)) for change in comparison.changes]
    lines = [f"  compared: times as long, or as much memory, as it was; the tolerance is {comparison.tolerance:.0%}"]
    lines.append(laid_out(rows))
    lines += [f"  not compared: {key}: {reason}" for key, reason in comparison.uncompared.items()]
    return "\n".join(lines)


def _verdict(change: Change) -> str:
    return f"{change.verdict:6} ({change.low:.2f} to {change.high:.2f})"


def regression_line(regressions: Sequence[Change]) -> str:
    """One line for standard error: which rows, and by how much."""
    told = []
    for change in regressions:
        much = "times as long" if change.of == "time" else "times as much"
        told.append(f"{change.row} takes {change.ratio:.2f} {much} ({change.low:.2f} to {change.high:.2f})")
    return "; ".join(told)


def _spread_time(spread: Spread) -> tuple[str, str]:
    unit, factor = _unit(spread.median)
    low, high = (f"{factor * value:.3g}" for value in (spread.low, spread.high))
    return f"{factor * spread.median:.3g} {unit}", f"{low} to {high}"


def _time(spread: Spread) -> str:
    value, around = _spread_time(spread)
    return f"{value} ({around})"


def _unit(seconds: float) -> tuple[str, float]:
    return ("s", 1.0) if seconds >= 1 else ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _bytes(value: float) -> str:
    return f"{value / 1024:+,.1f} KiB" if abs(value) >= 1024 else f"{value:+,.0f} bytes"
