"""The action mask in info does not fit the action space, or forbids everything.

Why: `action_space.sample(info["action_mask"])` and masked learners take it as it is: one entry an action, 1 for legal.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed)
            return observation, {"action_mask": np.ones(2, np.int8)}
        def step(self, action):
            *result, info = super().step(action)
            return *result, {"action_mask": np.array([self.bright > 0.2, self.bright < 0.1], np.int8)}

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed)
            return observation, {"action_mask": np.ones(2, np.int8)}
        def step(self, action):
            *result, info = super().step(action)
            return *result, {"action_mask": np.array([self.bright > 0.2, self.bright < 0.9], np.int8)}

Limits: masks called `action_mask`, of Discrete actions. At the end of an episode a mask may be empty. Booleans pass.
Source: Gymnasium Discrete.sample; gymnasium.envs.toy_text.taxi hands out such masks.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.judging.tally import Tally
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.core.show import a, show

KEY = "action_mask"
FIX = "np.array([is_legal(action) for action in range(n)], np.int8), with one legal action at least"


def check(rollouts: Rollouts) -> Iterator[Finding]:
    space = rollouts.action_space
    if not isinstance(space, spaces.Discrete):
        return
    tally, weak = Tally(), Tally()
    for trace in rollouts.traces:
        infos = [(index, call.copy[1], False) for index, call in trace.resets]
        infos += [(step.index, step.info, step.ended) for step in trace.steps if not step.beyond]
        for index, info, ended in infos:
            said = _fault(space, info[KEY], ended) if isinstance(info, dict) and KEY in info else None
            if said:
                (weak if said[0] == "width" else tally).add(said[0], trace, index, f"info[{KEY!r}] {said[1]}", FIX)
    yield from tally.findings()
    yield from (replace(finding, severity=Severity.WARNING) for finding in weak.findings())


def _fault(space: spaces.Discrete, mask: Any, ended: bool) -> tuple[str, str] | None:
    """(kind, in words); None for a mask that fits."""
    if not isinstance(mask, np.ndarray):
        return ("type", f"is {a(type(mask).__name__)}, not an array") if not isinstance(mask, list | tuple) else None
    if mask.shape != (int(space.n),):
        return "shape", f"has shape {mask.shape}, but there are {int(space.n)} actions"
    if mask.dtype.kind not in "biu":
        return "dtype", f"is {mask.dtype}, and action_space.sample(mask) asks for int8"
    if not np.isin(mask, (0, 1)).all():
        return "entries", f"is {show(mask)}, but its entries should be 0 or 1"
    if mask.dtype.kind != "b" and mask.dtype != np.int8:
        return "width", f"is {mask.dtype}, and action_space.sample(mask) refuses all but int8"
    return ("empty", "forbids every action, and the episode goes on") if not ended and not mask.any() else None


RULE = Rule("EK914", "action-mask-malformed", Severity.ERROR, check)
