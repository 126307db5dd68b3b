"""Goes to the ends that an exact model knows and that no play has come to, so that whatever is judged of ends is there.

A goal behind a long way, such as a lock's one combination, is never met by chance. Where the environment offers its
model, the way is known: it is played in honest episodes, from which the other probes take their endings.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from envkit.check.acting.ways import Way, ways
from envkit.check.model import Probe
from envkit.check.probes import rollouts
from envkit.check.probes.modelled import offered
from envkit.check.subject import Driver, Subject
from envkit.core.case import Case
from envkit.core.model import Model
from envkit.core.trace import Trace, is_number, is_true

MOST_KINDS = 4  # of ends
ENOUGH = 4  # episodes that came to a kind of end, so that rules believe what they see there
ROUNDABOUT = 3  # times as long as the way may an episode of it be, where chance has a part


@dataclass(frozen=True)
class Led:
    """The episodes that were led to an end, an instance for each kind of end."""

    traces: tuple[Trace, ...]


def run(subject: Subject) -> Led:
    model = offered(subject).model
    if model is None:
        return Led(())
    played = tuple(driver.trace for driver in subject.drivers)
    wanted = (way for way in ways(model.mdp) if _met(played, way.reward) < ENOUGH)
    return Led(tuple(_led(subject, model, way) for way in islice(wanted, MOST_KINDS)))


def replay(subject: Subject, case: Case) -> Led:
    return Led(rollouts.replay(subject, case).traces)


def _met(traces: tuple[Trace, ...], reward: float) -> int:
    """How many episodes have come to this kind of end."""
    ends = [step for trace in traces for step in trace.steps if is_true(step.terminated) and not step.beyond]
    return sum(is_number(step.reward) and bool(np.isclose(float(step.reward), reward)) for step in ends)


def _led(subject: Subject, model: Model, way: Way) -> Trace:
    """Episodes of several seeds on one instance, until there are enough, or the steps are used up."""
    left, longest = subject.budget.steps, ROUNDABOUT * way.steps
    driver = subject.open(f"led to an end that pays {way.reward:g}")
    for seed in range(subject.seed, subject.seed + 2 * ENOUGH):
        if not driver.ok or left < way.steps or _met((driver.trace,), way.reward) >= ENOUGH:
            break
        driver.reset(seed=seed)
        for action in islice(_actions(driver, model, way), min(longest, left)):
            driver.step(action)
            left -= 1
    return driver.finish()


def _actions(driver: Driver, model: Model, way: Way) -> Iterator[Any]:
    """Those of the way, for as long as the episode lasts and what is observed is a state from which the way goes on."""
    decode: Callable[[int], Any] = model.decode or int
    while driver.playing:
        number = _state(model, driver)
        action = -1 if number is None else int(way.action[number])
        if action < 0:
            return
        yield decode(action)


def _state(model: Model, driver: Driver) -> int | None:
    """The number of the state that was observed last; None where it is none of the model's, which a rule says."""
    result = driver.calls[-1].copy
    try:
        observation = result[0]
        number = int(observation if model.state_of is None else model.state_of(observation))
    except Exception:  # noqa: BLE001 - of an observation, or a function, of the environment's
        return None
    return number if 0 <= number < model.mdp.num_states else None


PROBE = Probe("ways to the ends", Led, run, replay)
