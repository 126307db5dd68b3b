"""The tables of the reports: a name, a value, and what it is."""

import math
from collections.abc import Sequence

from envkit.core.model import ESTIMATED
from envkit.core.policy import Policy, TablePolicy
from envkit.core.show import number
from envkit.tabular.exact import Exact
from envkit.workflows.evaluate import Evaluation

Row = tuple[str, str, str]


def laid_out(rows: Sequence[Row]) -> str:
    """The rows below one another, without a newline at the end."""
    name_width, value_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"  {name:{name_width}}  {value:{value_width}}  {about}".rstrip() for name, value, about in rows]
    return "\n".join(lines)


def shaped_rows(played: Evaluation, *, ascii_only: bool) -> list[Row]:
    """What the policy was paid, beside what the environment paid; no row where the two are the same."""
    if played.shaped is None or (played.shaped == played.returns).all():
        return []
    value = f"{short(float(played.shaped.mean()))} {spread(float(played.shaped.std()), ascii_only=ascii_only)}"
    return [("shaped return", value, "what the wrappers make of it, which is what learners are paid")]


def exact_rows(exact: Exact, policy: Policy, discount: float, origin: str | None) -> list[Row]:
    """The exact answers about a policy that was found under a discount; on an estimated model they are estimates."""
    word = exactly(origin)
    clocked = isinstance(policy, TablePolicy) and policy.sees_the_clock
    about = "of this policy, which sees the clock" if clocked else "of this policy"
    rows = [
        (f"{word} return", value_text(exact.policy_return), about),
        (f"{word} optimum", value_text(exact.optimal_return), "over all policies"),
    ]
    stationary = value_text(exact.optimal_stationary_return)
    if stationary != value_text(exact.optimal_return):
        about = "the best known of policies that do not see how much time is left"
        rows.append(("without clock", stationary, about))
    if discount != 1:
        without = f"at discount {number(discount)}, without a time limit"
        best = ("discounted optimum", value_text(exact.optimal_discounted_return), f"over all policies {without}")
        own = ("discounted return", value_text(exact.policy_discounted_return), f"of this policy {without}")
        rows += [best] if clocked else [own, best]
    about = "optimum less this policy" + (", both on the estimated model" if origin == ESTIMATED else "")
    rows.append(("gap", value_text(exact.gap), about))
    return rows


def exactly(origin: str | None) -> str:
    """What to call what was worked out on a model of this origin."""
    return "estimated" if origin == ESTIMATED else "exact"


def value_text(value: float | None) -> str:
    return "not finite" if value is None or not math.isfinite(value) else short(value)


def short(value: float) -> str:
    """Six decimals at most, and no zeros behind them."""
    return plain(round(value, 6) + 0.0)


def plain(value: float) -> str:
    """Digits and commas for as long as a person can read them: `-10,000`, not `-1e+04`."""
    return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else number(value)


def between(low: float, high: float) -> str:
    """`20.23 to 25.25`, by three digits of the width: more of them would say nothing."""
    width = high - low
    if not (0 < width < math.inf):
        return f"{short(low)} to {short(high)}"
    digits = min(max(0, 2 - math.floor(math.log10(width))), 6)
    return f"{plain(round(low, digits) + 0.0)} to {plain(round(high, digits) + 0.0)}"


def spread(value: float, *, ascii_only: bool) -> str:
    """`± 1.5`"""
    return f"{'+-' if ascii_only else '±'} {f'{value:.3g}' if value < 999.5 else plain(round(value))}"
