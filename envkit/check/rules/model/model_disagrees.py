"""A step does what the environment's own finite model says cannot happen.

Why: what is planned on the model is played in the environment; an exact solution of another game is wrong.

Fails:

    class Env(gym.Env):
        def __init__(self):
            self.observation_space, self.action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)
            self.initial_state_distrib = np.array([1.0, 0.0, 0.0])
            self.P = {s: {a: [(1.0, min(s + a, 2), 1.0, s + a >= 2)] for a in (0, 1)} for s in range(3)}
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place, self.steps = 0, 0
            return 0, {}
        def step(self, action):
            self.steps += 1
            self.place = min(self.place + int(action), 2)
            over = self.place == 2
            return self.place, 0.5 if over else 1.0, over, self.steps >= 30, {}  # P says 1 for the last step too

Passes:

    class Env(gym.Env):
        def __init__(self):
            self.observation_space, self.action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)
            self.initial_state_distrib = np.array([1.0, 0.0, 0.0])
            self.P = {s: {a: [(1.0, min(s + a, 2), 1.0, s + a >= 2)] for a in (0, 1)} for s in range(3)}
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place, self.steps = 0, 0
            return 0, {}
        def step(self, action):
            self.steps += 1
            self.place = min(self.place + int(action), 2)
            over = self.place == 2
            return self.place, 1.0, over, self.steps >= 30, {}

Limits: environments with mdp(), or with toy-text's P and initial_state_distrib. What happens is compared with what is
possible, not how often. Where the search has seen all states, every action in each was compared.
Source: Gymnasium toy_text: P[state][action] = [(probability, next state, reward, terminated)].
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.modelled import Modelled
from envkit.core.finite import key_of, size, value
from envkit.core.mdp import MDP
from envkit.core.show import error_line, show
from envkit.core.trace import Step, Trace, is_number, is_true

FIX = "write the rules of the game once, and let both step and the model use them"


def check(modelled: Modelled) -> Iterator[Finding]:
    asked = modelled.asked.error
    if asked is not None and asked.error is not None and asked.method == "mdp":
        raise CannotJudge(f"the model cannot be had: {error_line(asked.error)}")
    model = modelled.model
    number_of = _numbering(modelled.action_space) if model else None
    if model is None or number_of is None:
        return
    tally = Tally()
    for trace in modelled.traces:
        for before, step in _transitions(trace):
            state, following = (_state(model.state_of, observation) for observation in (before, step.observation))
            if state is None or following is None or not is_number(step.reward):
                continue
            said = disagreement(model.mdp, state, number_of(step.action), following, step)
            if said:
                seen = f" (observed {show(before)}, then {show(step.observation)})" if model.state_of else ""
                tally.add(said[0], trace, step.index, said[1] + seen, FIX)
    yield from tally.findings()


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


def disagreement(mdp: MDP, state: int, action: int, following: int, step: Step) -> tuple[str, str] | None:
    """(which part, in words); None where the outcome is one that the model knows."""
    if not 0 <= state < mdp.num_states or not 0 <= action < mdp.num_actions:
        return "state", f"the observation before it is state {state}, and the model has {mdp.num_states} states"
    if not mdp.available[state, action]:
        return None  # the model says nothing about it
    possible = mdp.probability[state, action] > 0
    states = mdp.next_state[state, action] == following
    rewards = np.isclose(mdp.reward[state, action], float(step.reward), rtol=1e-5, atol=1e-6)
    ends = mdp.terminated[state, action] == is_true(step.terminated)
    if (possible & states & rewards & ends).any():
        return None
    where = f"in state {mdp.state_name(state)}, action {mdp.action_name(action)}"
    if not (possible & states).any():
        return "state", f"{where} led to state {mdp.state_name(following)}, which the model calls impossible"
    known = possible & states
    if not (known & rewards).any():
        told = ", ".join(sorted({f"{reward:.6g}" for reward in mdp.reward[state, action][known]}))
        return "reward", f"{where} paid {show(step.reward)}, and the model says {told}"
    return "terminated", f"{where} returned terminated={is_true(step.terminated)}, and the model says otherwise"


def _state(state_of: Callable[[Any], int] | None, observation: Any) -> int | None:
    try:
        return int(observation) if state_of is None else int(state_of(observation))
    except Exception:  # noqa: BLE001 - of an observation that is wrong, which other rules say
        return None


def _numbering(space: Any) -> Callable[[Any], int] | None:
    """action -> its number in the model; None where the actions have none."""
    count, key = size(space), key_of(space)
    if count is None or key is None or count > 100_000:
        return None
    numbers = {key(value(space, number)): number for number in range(count)}
    return lambda action: numbers.get(key(action), -1)


RULE = Rule("EK911", "model-disagrees", Severity.ERROR, check, symptom_of=("EK3", "EK5"))
