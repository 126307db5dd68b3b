"""Breakout as the course played it: a wrapper that skips four frames around a game that skips two to four by itself."""

from typing import Any

import gymnasium
from stable_baselines3.common.atari_wrappers import MaxAndSkipEnv, NoopResetEnv, WarpFrame

from envkit.authoring.wrappers.atari import FIRE, FireFirst


class Legacy(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Stable-Baselines3's AtariWrapper around an id that it warns of, but for what the learner alone is shown."""

    def __init__(self, env: gymnasium.Env[Any, Any]):
        core: Any = env.unwrapped
        env = MaxAndSkipEnv(NoopResetEnv(env, noop_max=30), skip=4)
        super().__init__(WarpFrame(FireFirst(env, core.get_action_meanings().index(FIRE))))
