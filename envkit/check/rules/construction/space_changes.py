"""A space becomes another one while the environment is played.

Why: the policy and the buffers were built for the space that was declared first.

Fails:

    class Env(Lamp):
        resets = 0
        def reset(self, *, seed=None, options=None):
            self.resets += 1
            if self.resets == 3:
                self.observation_space = gym.spaces.Box(0, 2, (2,), np.float32)
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        resets = 0
        def reset(self, *, seed=None, options=None):
            self.resets += 1
            return super().reset(seed=seed, options=options)

Limits: looks at every instance when all has been played; a space that is changed and set back is not seen.
Source: Gymnasium Env.observation_space; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.aftermath import Aftermath
from envkit.core.show import count, show

FIX = "declare the widest space in the constructor and keep it"


def check(aftermath: Aftermath) -> Iterator[Finding]:
    reported = set()
    for later in aftermath.spaces:
        if later.name in reported:
            continue
        reported.add(later.name)
        calls = later.trace.calls
        resets = sum(call.method == "reset" for call in calls)
        steps = sum(call.method == "step" for call in calls)
        after = f"{count(resets, 'reset')} and {count(steps, 'step')}"
        message = f"{later.name} was {show(later.first)} at first, and is {show(later.now)} after {after}"
        found = at_call(later.trace, len(calls) - 1, message, FIX, whole=True)
        program = f"{later.trace.program(whole=True)}\nprint(env.{later.name})"
        yield replace(found, kind=later.name, at=f"env.{later.name}", program=program)


RULE = Rule("EK105", "space-changes", Severity.ERROR, check, symptom_of=("EK103", "EK110", "EK608"))
