"""What `envkit tune` says on a terminal: the best settings beside those to begin with, and how much they gain."""

import shlex
from collections.abc import Sequence

from envkit.core.show import count
from envkit.workflows.tables import short
from envkit.workflows.tuning.attempt import State
from envkit.workflows.tuning.space import shown
from envkit.workflows.tuning.study import Attempt
from envkit.workflows.tuning.tuned import Tuned

SHOWN = 3  # of the best ones
WIDEST = 24  # characters of a value


def text(tuned: Tuned) -> str:
    """The whole report, without a newline at its end."""
    return "\n\n".join([_head(tuned), _table(tuned), _end(tuned)])


def _head(tuned: Tuned) -> str:
    request = tuned.asked.request
    first, last = request.seed, request.seed + tuned.asked.seeds - 1
    seeds = f"seed {first}" if first == last else f"seeds {first} to {last}"
    states = (State.COMPLETE, State.PRUNED, State.FAILED)
    counts = ", ".join(f"{tuned.counts[state]} {state}" for state in states if tuned.counts[state])
    steps = sum(one.steps for one in tuned.attempts)
    seconds = sum(one.seconds for one in tuned.attempts)
    ended = f", {tuned.why}" if tuned.why else ""
    return (
        f"{request.ref}  {request.learner.name}  {seeds}: {count(len(tuned.attempts), 'trial')} ({counts}), "
        f"{steps:,} steps in all, {seconds:.1f} s of work{ended}"
    )


def _table(tuned: Tuned) -> str:
    """A column for each of the best, one for the settings to begin with, and one for what mattered."""
    best = tuned.ranked[:SHOWN]
    columns = [(f"{rank}{'' if one.number else ', default'}", one) for rank, one in enumerate(best, 1)]
    columns += [("default", one) for one in tuned.attempts if one.number == 0 and one not in best]
    rows = [["rank", *(title for title, _ in columns)]]
    rows.append(["trial", *(str(one.number) for _, one in columns)])
    rows.append(["mean return", *(_value(one) for _, one in columns)])
    rows += [[name, *(_cut(shown(one.settings[name])) for _, one in columns)] for name in tuned.asked.space]
    if tuned.importances:
        shares = ["matters", "", "", *(f"{tuned.importances[name]:.0%}" for name in tuned.asked.space)]
        rows = [[*row, share] for row, share in zip(rows, shares, strict=True)]
    return _laid_out(rows)


def _laid_out(rows: Sequence[Sequence[str]]) -> str:
    """Names to the left, values to the right of their columns."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        values = (value.rjust(width) for value, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join([f"  {row[0]:{widths[0]}}", *values]).rstrip())
    return "\n".join(lines)


def _value(attempt: Attempt) -> str:
    """Its mean return, with six digits, or how it ended."""
    return short(_six(attempt.value)) if attempt.is_complete and attempt.value is not None else str(attempt.state)


def _cut(value: str) -> str:
    return value if len(value) <= WIDEST else value[: WIDEST - 3] + "..."


def _end(tuned: Tuned) -> str:
    request = tuned.asked.request
    lines = [f"  gained: {_gained(tuned)}"]
    failed = [one for one in tuned.attempts if one.state is State.FAILED]
    if failed:
        lines.append(f"  note: {count(len(failed), 'trial')} failed; trial {failed[-1].number}: {failed[-1].why}")
    fresh = request.seed + tuned.asked.seeds
    words = ["envkit", "solve", str(request.ref), "--algo", request.learner.name, "--preset", str(tuned.preset)]
    lines.append(f"  with a seed that the search has not seen: {shlex.join(words)} --seed {fresh}")
    lines.append(f"  artifacts: {tuned.run_dir}")
    return "\n".join(lines)


def _gained(tuned: Tuned) -> str:
    if tuned.gained is None or tuned.default is None or tuned.default.value is None:
        return "unknown, for the settings to begin with failed"
    if not tuned.gained:
        return "nothing: the settings to begin with did best"
    told = f"{short(_six(tuned.gained))}, from {short(_six(tuned.default.value))} to {short(_six(tuned.mean_return))}"
    return f"{told}; of many, the best is flattered by luck"


def _six(value: float) -> float:
    return float(f"{value:.6g}")
