"""A step gets slower with every episode that was played before, or with every step of its own; or a frame does.

Why: the first hour of training says that it takes a day, and it takes a week.

Fails:

    class Env(Lamp):
        records = ()
        def reset(self, *, seed=None, options=None):
            self.records = (*self.records, *range(100))
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.total = sum(record for record in self.records)
            return super().step(action)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.records = tuple(range(100))
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.total = sum(record for record in self.records)
            return super().step(action)

Limits: told by the lines of Python that are run for the same steps, or by a time several times as long. Within an
episode only from ten times as long on: what grows with the game, such as a snake, may cost more.
Source: DLR-RM/stable-baselines3 issue 1456.
"""

from collections.abc import Iterator
from dataclasses import replace

from envkit.check.judging.slowing import by_lines, by_time, within_an_episode
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.soak import Soak

FIX = "drop in reset what belongs to the last episode; keep a running sum in place of all that it sums up"


def check(soak: Soak) -> Iterator[Finding]:
    course = soak.rounds()
    played = course.count("reset") * (len(course.readings) - 1)
    lines, seconds, within = by_lines(course, "step"), by_time(soak, course, "step"), within_an_episode(course)
    if lines:
        said = f"runs {lines[1]:.0f} lines of Python after {played} episodes, and {lines[0]:.0f} at first"
        yield _finding(soak, f"the same step {said}", "episodes")
    elif seconds:
        said = f"takes {seconds[1] * 1e6:.0f} µs after {played} episodes, and {seconds[0] * 1e6:.0f} µs at first"
        yield _finding(soak, f"a step {said}", "episodes")
    elif within:
        steps, first, last = within
        said = f"step {steps} of an episode takes {last * 1e6:.0f} µs, and the first ones {first * 1e6:.0f} µs"
        yield _finding(soak, said, "steps")
    frames = by_lines(soak.shown, "render") if soak.shown else None
    if frames:
        said = f"the same frame takes {frames[1]:.0f} lines of Python after some frames, and {frames[0]:.0f} at first"
        yield replace(_finding(soak, said, "frames"), at="env.render")


def _finding(soak: Soak, message: str, kind: str) -> Finding:
    program = (
        f"import time\n\nimport envkit\n\nenv = {soak.make}\nfor episode in range(200):\n    env.reset(seed=0)\n"
        "    begun = time.perf_counter()\n    for _ in range(20):\n"
        "        _, _, terminated, truncated, _ = env.step(env.action_space.sample())\n"
        "        if terminated or truncated:\n            break\n"
        "    if episode % 20 == 0:\n        print(time.perf_counter() - begun)"
    )
    return Finding(message, FIX, "env.step", program, kind=kind)


RULE = Rule("EK870", "step-gets-slower", Severity.WARNING, check, whole=True, symptom_of=("EK810", "EK811"))
