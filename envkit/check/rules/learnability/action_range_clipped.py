"""Most of the range of an action has no effect: what lies beyond a tenth of it is cut off.

Why: nine of ten actions that a policy tries at first are the same action; it learns to push the bounds and no more.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-10, 10, (1,), np.float32)
        def step(self, action):
            self.bright = max(self.bright + 0.05 * float(np.clip(action[0], -1, 1)), 0.0)
            return super().step(0)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        def step(self, action):
            self.bright = max(self.bright + 0.05 * float(np.clip(action[0], -1, 1)), 0.0)
            return super().step(0)

Limits: compares the upper bound with a half and a tenth of it, in copies made in mid-episode. Where only the sign
counts, nothing is said.
Source: stable-baselines3, "Tips and Tricks when creating a custom environment".
"""

from collections import defaultdict
from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.alternatives import Alternatives, Answer

ENOUGH = 40


def check(alternatives: Alternatives) -> Iterator[Finding]:
    by_entry: dict[int, dict[float | None, Answer]] = defaultdict(dict)
    for answer in alternatives.answers:
        if not isinstance(answer.question.part, tuple):
            by_entry[answer.question.part][answer.question.fraction] = answer
    for entry, answers in by_entry.items():
        alike = [f for f in (0.5, 0.1) if f in answers and not answers[f].differed and answers[f].compared >= ENOUGH]
        matters = None in answers and answers[None].differed
        small_differs = 0.01 in answers and answers[0.01].differed
        if matters and small_differs and len(alike) == 2:
            yield Finding(
                message=f"entry {entry} of the action does the same at its upper bound, at a half and at a tenth of it",
                fix="declare the range that counts, Box(-1, 1), and scale inside step",
                at="env.action_space",
                program=f"{alternatives.trace.program(0)}\nprint(env.action_space)",
            )
            return


RULE = Rule("EK912", "action-range-clipped", Severity.WARNING, check, whole=True, symptom_of=("EK109",))
