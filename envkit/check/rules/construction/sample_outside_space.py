"""A space draws samples that are not its own members.

Why: the first thing that every loop does is env.step(env.action_space.sample()).

Fails:

    class Buttons(gym.spaces.Discrete):
        def contains(self, x):
            return isinstance(x, (int, np.integer)) and 0 <= x < self.n - 1

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = Buttons(2)

Passes:

    class Buttons(gym.spaces.Discrete):
        def contains(self, x):
            return isinstance(x, (int, np.integer)) and 0 <= x < self.n

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.action_space = Buttons(2)

Limits: a dozen samples of either space; very large ones are not drawn from.
Source: Gymnasium Space.sample and Space.contains; https://gymnasium.farama.org/api/spaces/
"""

from collections.abc import Iterator
from typing import Any

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.construction import Construction
from envkit.core.show import show


def check(construction: Construction) -> Iterator[Finding]:
    for name, samples in construction.samples.items():
        space = construction.spaces[0].copies[name]
        outside = [sample for sample in samples if not _contains(space, sample)]
        if outside:
            make = construction.first.program(0)
            yield Finding(
                message=f"{len(outside)} of {len(samples)} samples of {name} are not in it, such as {show(outside[0])}",
                fix="let sample and contains agree about shape, dtype and bounds",
                at=f"env.{name}",
                program=f"{make}\nprint([env.{name}.sample() in env.{name} for _ in range(12)])",
                count=len(outside),
                kind=name,
            )


def _contains(space: Any, sample: Any) -> bool:
    try:
        return bool(space.contains(sample))
    except Exception:  # noqa: BLE001 - a foreign space's test may raise, and then has not said yes
        return False


RULE = Rule("EK111", "sample-outside-space", Severity.ERROR, check, symptom_of=("EK110",))
