"""A wrapper repeats each action for an environment that already plays it for several frames.

Why: the two multiply. With 4 frames by each an action lasts 16, too coarse to hit a ball, and scores stay low however
long is learnt.

Fails:

    class Film(Lamp):
        _frameskip = 4

    class Skip(gym.Wrapper):
        def step(self, action):
            for _ in range(4):
                result = super().step(action)
                if result[2] or result[3]:
                    break
            return result

    def Env(render_mode=None):
        return Skip(Film(render_mode))

Passes:

    class Film(Lamp):
        _frameskip = 1

    class Skip(gym.Wrapper):
        def step(self, action):
            for _ in range(4):
                result = super().step(action)
                if result[2] or result[3]:
                    break
            return result

    def Env(render_mode=None):
        return Skip(Film(render_mode))

Limits: environments that say how many frames they skip, as those of ale-py do.
Source: stable-baselines3 issue 837, and its AtariWrapper; Gymnasium's AtariPreprocessing refuses it.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import SKIPPED, Construction
from envkit.core.show import show


def check(construction: Construction) -> Iterator[Finding]:
    own, wrappers = construction.skips
    if wrappers < 2:
        return
    made = construction.first.program(0)
    yield Finding(
        message=f"each action is played {wrappers} times by the wrappers, and each time for {show(own)} frames by the "
        "environment",
        fix="make the environment without a skip of its own, frameskip=1 or its id with NoFrameskip; or leave the "
        "wrapper out",
        at=f"{type(construction.env).__name__}.{SKIPPED}",
        program=f"{made}\nprint(env, env.unwrapped.{SKIPPED})",
    )


RULE = Rule("EK917", "frames-skipped-twice", Severity.WARNING, check)
