"""What was seen, in the numbers of the environment's own finite model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from envkit.check.model import CannotJudge
from envkit.check.probes.modelled import Modelled
from envkit.core.finite import key_of, size, value
from envkit.core.model import Model
from envkit.core.show import error_line
from envkit.core.trace import Step, Trace, is_number


@dataclass(frozen=True)
class Move:
    """A step within an episode: the numbers of the state, of the action and of the next state."""

    state: int
    action: int
    following: int
    before: Any  # the observation
    step: Step


class Reader:
    """Reads records in the numbers of a model; `of` gives none where there is no model to be had.

    Raises:
      CannotJudge: where asking for the model raises.
    """

    def __init__(self, model: Model, number_of: Callable[[Any], int]):
        self.model, self._number_of = model, number_of

    @classmethod
    def of(cls, modelled: Modelled) -> "Reader | None":
        asked = modelled.asked.error
        if asked is not None and asked.error is not None and asked.method == "mdp":
            raise CannotJudge(f"the model cannot be had: {error_line(asked.error)}")
        number_of = _numbering(modelled.action_space) if modelled.model else None
        return cls(modelled.model, number_of) if modelled.model and number_of else None

    def moves(self, trace: Trace) -> Iterator[Move]:
        """Every step within an episode that can be read; of what is malformed other rules speak."""
        for before, step in _transitions(trace):
            state, following = self.state(before), self.state(step.observation)
            if state is not None and following is not None and is_number(step.reward):
                yield Move(state, self._number_of(step.action), following, before, step)

    def starts(self, trace: Trace) -> Iterator[tuple[int, int, Any]]:
        """(index of the call, number of the state, observation) of every reset without options."""
        for index, call in trace.resets:
            state = None if call.arguments.get("options") else self.state(call.copy[0])
            if state is not None:
                yield index, state, call.copy[0]

    def state(self, observation: Any) -> int | None:
        """The number of the state; None where the environment cannot say it."""
        try:
            return int(self.model.state_of(observation) if self.model.state_of else observation)
        except Exception:  # noqa: BLE001 - of an observation that is wrong, which other rules say
            return None


def _transitions(trace: Trace) -> Iterator[tuple[Any, Step]]:
    """(observation before, step) of every step within an episode."""
    firsts = {number: call.copy[0] for number, (_, call) in enumerate(trace.resets, 1)}
    for episode, steps in groupby((step for step in trace.steps if not step.beyond), key=lambda step: step.episode):
        before = firsts.get(episode) if len(firsts) == _episodes(trace) else None
        number = 0
        for step in steps:
            if before is not None and step.number == number + 1:
                yield before, step
            before, number = step.observation, step.number


def _episodes(trace: Trace) -> int:
    return sum(call.method == "reset" for call in trace.calls)


def _numbering(space: Any) -> Callable[[Any], int] | None:
    """action -> its number in the model; None where the actions have none."""
    count, key = size(space), key_of(space)
    if count is None or key is None or count > 100_000:
        return None
    numbers = {key(value(space, number)): number for number in range(count)}
    return lambda action: numbers.get(key(action), -1)
