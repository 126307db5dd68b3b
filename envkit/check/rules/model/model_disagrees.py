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
possible; how often it does, EK918 compares. Where the search has seen all states, every action in each was compared.
Source: Gymnasium toy_text: P[state][action] = [(probability, next state, reward, terminated)].
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.judging.transitions import Reader
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.modelled import Modelled
from envkit.core.mdp import MDP, ModelError
from envkit.core.show import show
from envkit.core.trace import Step, is_true

FIX = "write the rules of the game once, and let both step and the model use them"
FIX_ROWS = "mend the row that is named: every state has a number, and the odds of each row sum to 1"


def check(modelled: Modelled) -> Iterator[Finding]:
    asked = modelled.asked.error
    if asked is not None and isinstance(asked.error, ModelError):
        program = f"import envkit\n\n{modelled.ask}"
        yield Finding(f"its model is none: {asked.error}", FIX_ROWS, "env.mdp", program, kind="malformed")
        return
    reader = Reader.of(modelled)
    if reader is None:
        return
    tally, mdp, named = Tally(), reader.model.mdp, reader.model.state_of is not None
    for trace in modelled.traces:
        for index, state, observation in reader.starts(trace):
            if not (0 <= state < mdp.num_states and mdp.start[state] > 0):
                seen = f" (observed {show(observation)})" if named else ""
                said = f"an episode began in state {_name(mdp, state)}{seen}, and the model says that none does"
                tally.add("start", trace, index, said, FIX)
        for move in reader.moves(trace):
            told = disagreement(mdp, move.state, move.action, move.following, move.step)
            if told:
                seen = f" (observed {show(move.before)}, then {show(move.step.observation)})" if named else ""
                tally.add(told[0], trace, move.step.index, told[1] + seen, FIX)
    yield from tally.findings()


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


def _name(mdp: MDP, state: int) -> str:
    return mdp.state_name(state) if 0 <= state < mdp.num_states else f"{state} of {mdp.num_states}"


RULE = Rule("EK911", "model-disagrees", Severity.ERROR, check, symptom_of=("EK3", "EK5"))
