"""compute_reward of an environment with goals says another reward than step did.

Why: hindsight replay relabels goals and asks compute_reward; where it differs, the agent learns from two rewards.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            box = gym.spaces.Box(0, 1, (2,), np.float32)
            keys = ("observation", "achieved_goal", "desired_goal")
            self.observation_space = gym.spaces.Dict({key: box for key in keys})
        def observe(self):
            seen = super().observe()
            return {"observation": seen, "achieved_goal": seen.copy(), "desired_goal": np.zeros(2, np.float32)}
        def compute_reward(self, achieved_goal, desired_goal, info):
            return achieved_goal[..., 0]  # and not -1 for burning out

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            box = gym.spaces.Box(0, 1, (2,), np.float32)
            keys = ("observation", "achieved_goal", "desired_goal")
            self.observation_space = gym.spaces.Dict({key: box for key in keys})
        def observe(self):
            seen = super().observe()
            return {"observation": seen, "achieved_goal": seen.copy(), "desired_goal": np.zeros(2, np.float32)}
        def reward(self, burnt_out):
            return float(self.compute_reward(super().observe(), None, {}))
        def compute_reward(self, achieved_goal, desired_goal, info):
            return np.where(achieved_goal[..., 0] >= 1, -1.0, achieved_goal[..., 0])

Limits: only Dict observations with achieved_goal and desired_goal. That a batch of goals cannot be asked for is a
warning: stable-baselines3 needs it, Gymnasium-Robotics does not promise it.
Source: Gymnasium-Robotics GoalEnv; stable-baselines3 HerReplayBuffer, issue 1959.
"""

from collections.abc import Iterator

import numpy as np

from envkit.check.judging.tally import Tally
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.goals import BATCH, Asked, Goals
from envkit.core.show import error_line, show
from envkit.core.trace import is_number

CALL = "compute_reward(achieved_goal, desired_goal, info)"
FIX = 'in step: reward = self.compute_reward(obs["achieved_goal"], obs["desired_goal"], info), at the end too'
BATCH_FIX = "compute along the last axis: np.linalg.norm(achieved_goal - desired_goal, axis=-1)"


def check(goals: Goals) -> Iterator[Finding]:
    if goals.offered and not goals.asked:
        raise CannotJudge("no step returned its goals")
    tally = Tally()
    for asked in goals.asked:
        said = _difference(asked)
        if said:
            kind = "raises" if asked.error else "differs"
            tally.add(kind, asked.trace, asked.step.index, said, FIX, program=_program(asked))
        if asked.written:
            message = f"{CALL} has written to the goals it was given: {asked.written} (before, after)"
            tally.add("writes", asked.trace, asked.step.index, message, "work on copies of the goals")
    found = list(tally.findings())
    yield from found
    if goals.moved:
        yield Finding(
            f"asking {CALL} about other goals changes the environment: {goals.moved} (not asked, asked)",
            "compute from the arguments alone, and set nothing on self",
            "env.compute_reward",
            goals.asked[0].trace.program(0),
            kind="moves",
        )
    if goals.batch is not None and not found:
        yield from _of_a_batch(goals, goals.batch)


def _difference(asked: Asked) -> str | None:
    if asked.error is not None:
        return f"{CALL} raised {error_line(asked.error)} for the goals of this step"
    reward, answer = asked.step.reward, np.asarray(asked.answer)
    if not is_number(reward) or answer.size != 1 or answer.dtype.kind not in "biuf":
        return None if not is_number(reward) else f"{CALL} returned {show(asked.answer)}, not a number"
    if np.isclose(float(reward), float(answer.item()), rtol=1e-4, atol=1e-5, equal_nan=True):
        return None
    return f"step paid {show(reward)}, and {CALL} says {show(answer.item())} for the same goals"


def _of_a_batch(goals: Goals, batch: Asked) -> Iterator[Finding]:
    expected = [float(np.asarray(asked.answer).item()) for asked in goals.asked[:BATCH]]
    answer = np.asarray(batch.answer)
    if batch.error is None and answer.shape == (len(expected),) and np.allclose(answer, expected, 1e-4, 1e-5):
        return
    said = f"raised {error_line(batch.error)}" if batch.error else f"returned {show(batch.answer, most=60)}"
    yield Finding(
        f"{CALL} {said} for a batch of goals, each of which alone is answered",
        BATCH_FIX,
        "env.compute_reward",
        goals.asked[0].trace.program(0),
        severity=Severity.WARNING if batch.error else Severity.ERROR,
    )


def _program(asked: Asked) -> str:
    head, _, last = asked.trace.program(asked.step.index).rpartition("\n")
    last = last.removeprefix("print(").removesuffix(")")
    lines = [
        head,
        f"observation, reward, terminated, truncated, info = {last}",
        'goals = observation["achieved_goal"], observation["desired_goal"]',
        "print(reward, env.unwrapped.compute_reward(*goals, info))",
    ]
    return "\n".join(lines)


RULE = Rule("EK508", "compute-reward-disagrees", Severity.ERROR, check)
