"""Single values that are watched while they are learnt: of a state, or of an action in it.

Written as text: `5` is the state of that number, `5,2` an action in it; names serve where the model has names
(`healthy,stay`), and an observation of several parts is written as JSON (`[3, 1],2`).
"""

import json
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from envkit.core.errors import UsageError, nearest
from envkit.core.mdp import MDP
from envkit.core.model import Model
from envkit.core.show import error_line, show
from envkit.tabular.bellman import Floats, action_values
from envkit.tabular.keeping import frozen

MOST_SWEEPS = 1_000
STILL = 1e-5  # of the largest value: less cannot be seen in a picture
_PARTS = re.compile(r"\s*(\[.*\]|\(.*\)|[^,]+?)\s*(?:,\s*([^,\[\]()]+?)\s*)?")


@dataclass(frozen=True)
class Watched:
    """One value.

    Args:
      key: the state's number in the model; without a model what `finite.key_of` makes of its observation.
      action: its number; None for the value of the state, which is that of its best action.
      label: as people read it, and as the column of a table.
    """

    key: Hashable
    action: int | None
    label: str

    def of(self, q: Floats, values: Floats, state: int) -> float:
        """Its value by a table q [S * A] and values [S]; nan for a state that was never met."""
        if state < 0:
            return float("nan")
        return float(values[state]) if self.action is None else float(q[state * (len(q) // len(values)) + self.action])


def watched(text: Any, model: Model | None, actions: int, *, by_state: bool = False) -> Watched:
    """What somebody means by it.

    Args:
      text: as above; a number, or a pair of state and action, will do too.
      actions: how many there are.
      by_state: whether only states have values.

    Raises:
      UsageError: where there is no such state or action.
    """
    given = text if isinstance(text, str) else ",".join(map(str, text)) if isinstance(text, tuple) else str(text)
    parts = _PARTS.fullmatch(given)
    if parts is None:
        brackets = "; an observation of several parts is in brackets, as [4,3,0] or [4,3,0],2" if "," in given else ""
        raise UsageError(f"a watched value is STATE or STATE,ACTION, such as 5 or 5,2, not {show(text)}{brackets}")
    mdp = model.mdp if model else None
    key = _state(parts[1], given, model)
    if parts[2] is None or by_state:
        if parts[2] is not None:
            raise UsageError(f"what is learnt here are values of states, so {given!r} has an action too many")
        return Watched(key, None, f"v[{parts[1]}]")
    action = _number(parts[2], mdp.action_names if mdp else (), actions, "action", given)
    if mdp is not None and not mdp.available[key, action]:
        raise UsageError(f"{given!r} cannot be watched: action {parts[2]} is not available in state {parts[1]}")
    return Watched(key, action, f"q[{parts[1]},{parts[2]}]")


def _state(text: str, given: str, model: Model | None) -> Any:
    if text[0] in "[(":
        try:
            observation = frozen(json.loads(text.replace("(", "[").replace(")", "]")))
            state = observation if model is None else model.state_of(observation) if model.state_of else None
        except Exception as error:
            raise UsageError(f"{text} in {given!r} is no observation: {error_line(error)}") from error
        if state is None:
            raise UsageError(f"{text} in {given!r} is no state: states have numbers here, such as 0")
        return state
    if model is None:
        try:
            return int(text)
        except ValueError:
            message = f"{text!r} in {given!r} is no observation; give a number, or a list such as [3, 1]"
            raise UsageError(message) from None
    return _number(text, model.mdp.state_names, model.mdp.num_states, "state", given)


def _number(text: str, names: Sequence[str], count: int, kind: str, given: str) -> int:
    if text in names:
        return list(names).index(text)
    if text.isdecimal() and int(text) < count:
        return int(text)
    close = nearest(text, names, most=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"{given!r} names the {kind} {text!r}, and {kind}s are numbered 0 to {count - 1}{hint}")


def exact_values(wanted: Sequence[Watched], values: Floats, q: Floats) -> dict[str, float]:
    """What they are worth by exact values [S] and q [S, A], where that is finite."""
    numbered: list[tuple[Watched, Any]] = [(one, one.key) for one in wanted]
    found = {one.label: one.of(q.ravel(), values, state) for one, state in numbered}
    return {label: value for label, value in found.items() if np.isfinite(value)}


def planned(mdp: MDP, discount: float, wanted: Sequence[Watched], *, most: int | None = None) -> Floats:
    """[N, 1 + W]: the number of the sweep and the same values, by value iteration from zero, until they stand still.

    Args:
      most: sweeps; with a time limit the k-th sweep is what they are worth with k steps to go.
    """
    q, rows, largest = np.where(mdp.available, 0.0, -np.inf), [], 0.0
    numbered: list[tuple[Watched, Any]] = [(one, one.key) for one in wanted]
    for sweep in range(min(most or MOST_SWEEPS, MOST_SWEEPS) + 1):
        value = q.max(axis=1)
        rows.append([sweep, *(one.of(q.ravel(), value, state) for one, state in numbered)])
        q = action_values(mdp, value, discount)
        largest = max(largest, float(np.abs(q[mdp.available]).max()))
        if np.abs(q.max(axis=1) - value).max() <= STILL * largest:
            break
    return np.array(rows, float)
