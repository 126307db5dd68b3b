"""A picture declared as uint8 0..255 holds only zeros and ones.

Why: it was scaled to 0..1 and then cut to whole numbers; learners divide by 255 once more and see black.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (36, 36, 3), np.uint8)
        def observe(self):
            picture = np.full((36, 36, 3), self.bright)
            picture[: 1 + self.steps] = 1
            return picture.astype(np.uint8)

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (36, 36, 3), np.uint8)
        def observe(self):
            picture = np.full((36, 36, 3), 255 * self.bright)
            picture[: 1 + self.steps] = 255
            return picture.astype(np.uint8)

Limits: a picture of one dark colour only is not judged.
Source: stable-baselines3, CnnPolicy normalises images by 255.
"""

from collections.abc import Iterator

import numpy as np
from gymnasium import spaces

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts


def check(rollouts: Rollouts) -> Iterator[Finding]:
    space = rollouts.observation_space
    if not isinstance(space, spaces.Box) or space.dtype != np.uint8 or len(space.shape) < 2 or space.high.max() < 255:
        return
    seen = [o for _, _, _, o in rollouts.observations() if isinstance(o, np.ndarray)]
    values = set().union(*(np.unique(o).tolist() for o in seen[:: max(1, len(seen) // 50)])) if seen else set()
    if values == {0, 1}:
        yield Finding(
            message=f"observations are declared as uint8 0..255, but every pixel of {len(seen)} observations is 0 or 1",
            fix="return (255 * picture).astype(np.uint8), or declare Box(0, 1, dtype=np.float32)",
            at="observation",
            program=rollouts.traces[0].program(1) + "\nprint(env.reset()[0].max())",
        )


RULE = Rule("EK303", "image-scaled-twice", Severity.WARNING, check, whole=True)
