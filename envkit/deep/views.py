"""What a learner is shown of the games, and nobody else: `--wrap life-ends`, `--wrap clip-rewards`.

They stand around all environments of a training at once, whatever plays these, outside of what counts episodes and
keeps scores. So the learner sees shorter episodes and smaller rewards, while every return that is told is of whole
games, as the game pays it; and what is evaluated, watched and recorded is played without them.

`life-ends` ends an episode, for the learner, with each life lost: `info["lives"]` falls, to no less than 1. The game
goes on, and the next episode begins where it stands. `clip-rewards` pays the sign of each reward, so that one step size
suits games with scores of any size.

Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning", Methods.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import stable_baselines3 as sb3

from envkit.core.errors import UsageError
from envkit.core.show import show
from envkit.deep.monitored import FAILURE
from envkit.deep.presets import NAMED
from envkit.deep.vec_env import TRUNCATED, Indices

LIVES = "lives"
LIFE_ENDS, CLIP_REWARDS = NAMED["views"]


class ViewedVecEnv(sb3.common.vec_env.VecEnvWrapper):  # type: ignore[misc]
    """The environments of a training as its learner is shown them."""

    def __init__(self, vec: Any, *, life_ends: bool, clip_rewards: bool):
        super().__init__(vec)
        self.life_ends, self.clip_rewards = life_ends, clip_rewards
        self.lives = np.zeros(self.num_envs, np.int64)  # [N], in the games that are being played
        self.paid = np.zeros(self.num_envs)  # [N], of those games, as the learner is paid

    def reset(self) -> Any:
        observations = self.venv.reset()
        self.paid[:] = 0
        if self.life_ends:
            self.lives[:] = [_lives(info) for info in self.venv.reset_infos]
        return observations

    def step_wait(self) -> tuple[Any, Any, Any, list[dict[str, Any]]]:
        observations, rewards, dones, infos = self.venv.step_wait()
        if self.clip_rewards:
            rewards = np.sign(rewards)
            self._count(rewards, dones, infos)
        if self.life_ends:
            begun = self.venv.reset_infos
            told = [begun[row] if over else infos[row] for row, over in enumerate(dones)]
            now = np.array([info.get(LIVES, before) for info, before in zip(told, self.lives, strict=True)])
            lost = ~dones & (now < self.lives) & (now > 0)
            self.lives[:] = now
            for row in np.flatnonzero(lost).tolist():
                infos[row] |= {"terminal_observation": _row(observations, row), TRUNCATED: False}
            dones = dones | lost
        return observations, rewards, dones, infos

    def _count(self, rewards: Any, dones: Any, infos: list[dict[str, Any]]) -> None:
        """What the learner was paid in each game that is over."""
        self.paid += rewards
        for row in np.flatnonzero(dones).tolist():
            if "episode" in infos[row]:  # it has none where the environment failed
                infos[row]["episode"] = infos[row]["episode"] | {"r": float(self.paid[row])}
        self.paid[dones] = 0

    def env_method(self, method_name: str, *arguments: Any, indices: Indices = None, **keywords: Any) -> list[Any]:
        """As of the environments; what goes on with a training is told where the view stands, too."""
        if method_name == "mark":
            marks = self.venv.env_method("mark", indices=indices)
            rows = self._get_indices(indices)
            return [[mark, int(self.lives[row]), float(self.paid[row])] for mark, row in zip(marks, rows, strict=True)]
        if method_name == "restore":
            (row,) = self._get_indices(indices)
            mark, self.lives[row], self.paid[row] = arguments[0]
            arguments = (mark,)
        found: list[Any] = self.venv.env_method(method_name, *arguments, indices=indices, **keywords)
        return found


def _lives(info: Mapping[str, Any]) -> int:
    """At the beginning of a game. No space says whether there are lives."""
    if LIVES not in info and FAILURE not in info:  # a failure is told by whoever finds it there
        raise UsageError(f"{LIFE_ENDS} takes an info with {LIVES!r}, and after reset it is {show(dict(info))}")
    return int(info.get(LIVES, 0))


def _row(observations: Any, row: int) -> Any:
    """A copy of one environment's observation."""
    if isinstance(observations, dict):
        return {key: part[row].copy() for key, part in observations.items()}
    return observations[row].copy()
