"""No episode was seen to end.

Why: learners reset at the end of an episode; without one they see a single stream, and evaluations never finish.

Fails:

    class Env(Lamp):
        def step(self, action):
            self.bright = min(self.bright, 0.8)
            observation, reward, _, _, info = super().step(action)
            return observation, reward, False, False, info

Passes:

    class Env(Lamp):
        def step(self, action):
            self.bright = min(self.bright, 0.8)
            observation, reward, _, truncated, info = super().step(action)
            return observation, reward, False, truncated, info

Limits: advice, for endless tasks are legal, and a limit may lie beyond the episodes that were played.
Source: Gymnasium TimeLimit; Pardo et al., "Time Limits in Reinforcement Learning" (2018).
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search

ENOUGH = 1500  # steps


def check(rollouts: Rollouts, search: Search) -> Iterator[Finding]:
    steps = [step for _, step in rollouts.steps()]
    steps += [step for trace in search.traces for step in trace.steps]
    if len(steps) < ENOUGH or any(step.ended for step in steps):
        return
    longest = max(step.number for step in steps)
    yield Finding(
        message=f"no episode ended in {len(steps)} steps, the longest being played for {longest}",
        fix="register it with max_episode_steps, or wrap it in gymnasium.wrappers.TimeLimit",
        at="terminated, truncated",
        program=rollouts.traces[0].program(2),
        count=len(steps),
    )


RULE = Rule("EK513", "episode-never-ends", Severity.ADVICE, check, whole=True)
