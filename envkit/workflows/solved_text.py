"""What `envkit solve` says on a terminal: the few numbers that matter, the policy, and where everything is."""

import math
from collections.abc import Sequence

import numpy as np

from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.show import count
from envkit.tabular.bellman import Floats
from envkit.tabular.grid import Grid
from envkit.workflows.solved import Solved
from envkit.workflows.tables import exact_rows, exactly, laid_out, plain, shaped_rows, short, spread

BLOCKS, PLAIN = "▁▂▃▄▅▆▇█", "0123456789"
BARS = 40


def sparkline(
    values: Sequence[float], *, bottom: float | None = None, top: float | None = None, ascii_only: bool = False
) -> str:
    """A bar for each value, from `bottom`, or the least of them, to `top`, or the largest."""
    marks = PLAIN if ascii_only else BLOCKS
    low = min(values) if bottom is None else min(*values, bottom)
    high = max(values) if top is None else max(*values, top)
    full = len(marks) - 1
    return "".join(marks[full if high == low else round(full * (value - low) / (high - low))] for value in values)


def text(solved: Solved, *, ascii_only: bool = False) -> str:
    """The whole report, without a newline at its end."""
    blocks = [_head(solved), _table(solved, ascii_only), _learning(solved, ascii_only), _policy(solved, ascii_only)]
    blocks.append(_end(solved))
    return "\n\n".join(block for block in blocks if block)


def _head(solved: Solved) -> str:
    result = solved.result
    episodes = result.config.get("episodes", 0)
    work = f"{episodes:,} episodes, {result.steps:,} steps" if episodes else f"{result.steps:,} state backups"
    return f"{solved.env}  {result.algorithm}  seed {solved.seed}: {work}, {result.seconds:.2f} s"


def _table(solved: Solved, ascii_only: bool) -> str:
    evaluation = solved.evaluation
    length = plain(round(float(evaluation.lengths.mean()), 1))
    played = f"mean and deviation of {len(evaluation.returns)} episodes, {length} steps on average"
    rows = [("mean return", f"{short(evaluation.mean)} {spread(evaluation.std, ascii_only=ascii_only)}", played)]
    rows += shaped_rows(evaluation, ascii_only=ascii_only)
    if solved.exact:
        rows += exact_rows(solved.exact, solved.policy, float(solved.result.config.get("discount", 1)), solved.origin)
        if isinstance(solved.policy, MixedPolicy):  # what is to be found is what it earns, and nothing better
            rows = [row for row in rows if "return" in row[0]]
    else:
        rows.append(("optimum", "unknown", "the environment has no finite model"))
    if solved.value_error is not None and math.isfinite(solved.value_error):
        rows.append(("value error", short(round(solved.value_error, 4)), _judged(solved)))
    for name, value in solved.watching.found.items():
        exact = solved.watching.exact.get(name)
        rows.append((name, short(value), "" if exact is None else f"{exactly(solved.origin)} {short(exact)}"))
    if solved.result.bound is not None:
        rows.append(("bound", f"{solved.result.bound:.2g}", "the largest error of the values that were planned"))
    return laid_out(rows)


def _judged(solved: Solved) -> str:
    """What the values of a learner are compared with."""
    truth = "those of this policy" if isinstance(solved.policy, MixedPolicy) else "the optimal values"
    missed = f"; {solved.unvisited:,} never visited" if solved.unvisited else ""
    return f"against {truth}, root mean square over {count(solved.reachable, 'state')}{missed}"


def _learning(solved: Solved, ascii_only: bool) -> str:
    """The learning curve: what was earned while learning, exploring included."""
    paid = solved.result.curve["mean_return"]
    if len(paid) < BARS or isinstance(solved.policy, MixedPolicy):
        return ""
    bars = [float(part.mean()) for part in np.array_split(paid, BARS)]
    first, last = short(round(bars[0], 3)), short(round(bars[-1], 3))
    counted = "exploring included" if solved.evaluation.shaped is None else "exploring included, as shaped"
    return f"  learning  {sparkline(bars, ascii_only=ascii_only)}  {first} at first, {last} in the end, {counted}"


def _policy(solved: Solved, ascii_only: bool) -> str:
    if solved.grid is None:
        return ""
    if not isinstance(solved.policy, TablePolicy):
        return _values(solved.grid, solved.result.values)
    lines = solved.grid.draw(solved.policy.row(0), ascii_only=ascii_only)
    title = "policy at the first step" if solved.policy.sees_the_clock else "policy"
    return "\n".join([f"  {title}", "", *(f"    {line}".rstrip() for line in lines)])


def _values(grid: Grid, values: Floats | None) -> str:
    """What a predictor has found, cell by cell."""
    if values is None:
        return ""
    cells = [f"{value:.3g}" for value in values]
    width, columns = max(map(len, cells)), grid.shape[1]
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    return "\n".join(["  values", "", *("    " + " ".join(cell.rjust(width) for cell in row) for row in rows)])


def _end(solved: Solved) -> str:
    lines = [f"  note: {note}" for note in solved.notes]
    if solved.run_dir:
        lines.append(f"  artifacts: {solved.run_dir}")
    return "\n".join(lines)
