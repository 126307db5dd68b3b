"""Two actions, or all values of one entry of the action, always do the same.

Why: the agent spends part of its exploration on a difference that does not exist; mostly a typing error hides here.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Discrete(3)
        def step(self, action):
            return super().step(1 if action == 0 else 0)  # 1 and 2 both turn down

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Discrete(3)
        def step(self, action):
            return super().step(1) if action < 2 and self.bright < 0.4 + action / 2 else super().step(0)

Limits: compares copies made in mid-episode, in many states, for a few steps after; once more for what is late in an
episode alone, where everything else may be told apart. Actions that leave what is seen as
it is are not meant: they may wait for their moment, and libraries have one set of actions for many games.
Source: Sutton and Barto (2018), section 3.1: actions are what the agent can influence.
"""

from collections.abc import Iterator

from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.alternatives import LATE, Alternatives, Answer

ENOUGH, ENOUGH_LATE = 50, 10  # states
MOVING = 0.2  # the share of them in which what is seen changes


def check(alternatives: Alternatives) -> Iterator[Finding]:
    asked = [answer for answer in alternatives.answers if answer.question.fraction is None]
    if not asked:
        return
    alike = [answer for answer in asked if not answer.differed and answer.compared >= ENOUGH]
    if not alike and not any(answer.differed for answer in asked):
        raise CannotJudge("too few states were seen in which actions could be compared")
    alike = [answer for answer in alike if answer.moved >= MOVING * answer.compared]
    if alike and (len(alike) == len(asked) or not alike[0].question.drawn):
        yield Finding(
            message=f"{_told(alike, asked)} the same in all {alike[0].compared} states in which they were compared",
            fix="look where step reads the action: a branch that is never taken, an index, a missing case",
            at="env.action_space",
            program=f"{alternatives.trace.program(0)}\nprint(env.action_space)",
        )
        return
    late = [answer for answer in alternatives.late if answer.question.fraction is None]
    if late and all(_dead(answer) for answer in late):
        yield Finding(
            message=f"after {LATE} steps of an episode {_told(late, late)} the same, which earlier they do not",
            fix="look what switches the actions off, and end the episode there if that is meant",
            at=f"env.step, after step {LATE}",
            program=f"{alternatives.trace.program(0)}\nprint(env.action_space)",
        )


def _dead(answer: Answer) -> bool:
    return not answer.differed and answer.compared >= ENOUGH_LATE and answer.moved >= MOVING * answer.compared


def _told(alike: list[Answer], asked: list[Answer]) -> str:
    pairs = isinstance(alike[0].question.part, tuple)
    if len(alike) == len(asked):
        return (
            "all actions do" if pairs or len(asked) > 1 else f"all values of {alike[0].question.name} of the action do"
        )
    names = ", ".join(answer.question.name for answer in alike[:4])
    return f"the actions {names} do" if pairs else f"all values of {names} of the action do"


RULE = Rule("EK904", "dead-action", Severity.WARNING, check, whole=True, symptom_of=("EK514", "EK902", "EK103"))
