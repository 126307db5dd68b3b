"""What `envkit solve` says on a terminal: the few numbers that matter, the policy, and where everything is."""

from collections.abc import Sequence

import numpy as np

from envkit.core.policy import TablePolicy
from envkit.core.show import number
from envkit.tabular.exact import Exact
from envkit.workflows.solve import Solved

BLOCKS, PLAIN = "▁▂▃▄▅▆▇█", "0123456789"
BARS = 40


def sparkline(values: Sequence[float], *, top: float | None = None, ascii_only: bool = False) -> str:
    """A bar for each value, from the least of them to `top`, or the largest."""
    marks = PLAIN if ascii_only else BLOCKS
    low, high = min(values), max(values) if top is None else max(*values, top)
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
    length = _plain(round(float(evaluation.lengths.mean()), 1))
    played = f"{len(evaluation.returns)} episodes played, {length} steps on average"
    spread = f"{'+-' if ascii_only else '±'} {_spread(evaluation.std)}"
    rows = [("mean return", f"{short(evaluation.mean)} {spread}", played)]
    if solved.exact:
        rows += _exact_rows(solved, solved.exact)
    else:
        rows.append(("optimum", "unknown", "the environment has no finite model"))
    name_width, value_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"  {name:{name_width}}  {value:{value_width}}  {about}".rstrip() for name, value, about in rows]
    return "\n".join(lines)


def _exact_rows(solved: Solved, exact: Exact) -> list[tuple[str, str, str]]:
    clocked = isinstance(solved.policy, TablePolicy) and solved.policy.sees_the_clock
    rows = [
        (
            "exact return",
            _value(exact.policy_return),
            "of this policy, which sees the clock" if clocked else "of this policy",
        ),
        ("exact optimum", _value(exact.optimal_return), "over all policies"),
    ]
    if _value(exact.optimal_stationary_return) != _value(exact.optimal_return):
        stationary = _value(exact.optimal_stationary_return)
        rows.append(("without clock", stationary, "the best known of policies that do not see how much time is left"))
    discount = solved.result.config.get("discount", 1)
    if discount != 1:
        rows.append(
            (
                "discounted",
                _value(exact.optimal_discounted_return),
                f"the optimum at discount {number(discount)}, without a time limit",
            )
        )
    rows.append(("gap", _value(exact.gap), "optimum less this policy"))
    return rows


def _learning(solved: Solved, ascii_only: bool) -> str:
    """The learning curve: what was earned while learning, exploring included."""
    paid = solved.result.curve[:, 2]
    if len(paid) < BARS:
        return ""
    bars = [float(part.mean()) for part in np.array_split(paid, BARS)]
    first, last = short(round(bars[0], 3)), short(round(bars[-1], 3))
    return (
        f"  learning  {sparkline(bars, ascii_only=ascii_only)}  {first} at first, {last} in the end, exploring included"
    )


def _policy(solved: Solved, ascii_only: bool) -> str:
    if solved.grid is None or not isinstance(solved.policy, TablePolicy):
        return ""
    lines = solved.grid.draw(solved.policy.row(0), ascii_only=ascii_only)
    title = "policy at the first step" if solved.policy.sees_the_clock else "policy"
    return "\n".join([f"  {title}", "", *(f"    {line}".rstrip() for line in lines)])


def _end(solved: Solved) -> str:
    lines = [f"  note: {note}" for note in solved.notes]
    if solved.run_dir:
        lines.append(f"  artifacts: {solved.run_dir}")
    return "\n".join(lines)


def _value(value: float | None) -> str:
    return "not finite" if value is None else short(value)


def short(value: float) -> str:
    """Six decimals at most, and no zeros behind them."""
    return _plain(round(value, 6) + 0.0)


def _plain(value: float) -> str:
    """Digits and commas for as long as a person can read them: `-10,000`, not `-1e+04`."""
    return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else number(value)


def _spread(value: float) -> str:
    return f"{value:.3g}" if value < 999.5 else _plain(round(value))
