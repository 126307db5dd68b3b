"""Batches for training, registered when they are imported, that do as they are told."""

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.authoring.batch import BatchEnv


class Rows(BatchEnv):
    """Counts its steps; in the row and at the step that are asked for, something is wrong."""

    fields = {"seen": float}  # noqa: RUF012 - as an author writes it

    def __init__(self, num_envs=1, *, wrong="nothing", **options):
        self.wrong = wrong
        super().__init__(spaces.Box(-1e6, 1e6, (2,), np.float64), spaces.Discrete(2), num_envs, length=20, **options)

    def begin(self, rows):
        self.seen[rows] = self.dice.uniform(-1, 1, rows)

    def advance(self, actions):
        self.seen += actions
        late = bool(self.steps.max() == 5)
        if self.wrong == "raises" and late:
            raise OSError("the arm is stuck")
        rewards = self.seen.copy()
        if self.wrong == "reward" and late:
            rewards[1] = np.nan
        return rewards, np.zeros(self.num_envs, bool)

    def observe(self):
        seen = np.stack([self.seen, self.seen], axis=1)
        if self.wrong == "observation" and self.steps.max() == 5:
            seen[1, 0] = np.inf
        if self.wrong == "last observation" and self.steps.max() == 20:
            seen[1, 1] = np.nan
        return seen[:, :1] if self.wrong == "shape" and self.steps.max() == 5 else seen


class Row(gymnasium.Env):
    """The same for one, as far as a learner asks."""

    observation_space = spaces.Box(-1e6, 1e6, (2,), np.float64)
    action_space = spaces.Discrete(2)

    def __init__(self, wrong="nothing"):
        self.batch = Rows()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.batch.reset(seed=seed)[0][0], {}

    def step(self, action):
        observations, rewards, terminated, truncated, _ = self.batch.step(np.array([action]))
        return observations[0], float(rewards[0]), bool(terminated[0]), bool(truncated[0]), {}


class Forgetful(Rows):
    """Without a state to go back to."""

    get_state = set_state = None


class Unmade:
    def __init__(self, num_envs=1, **options):
        raise OSError("no board is plugged in")


gymnasium.register("kit/Rows-v0", entry_point=Row, vector_entry_point=Rows)
gymnasium.register("kit/Forgetful-v0", entry_point=Row, vector_entry_point=Forgetful)
gymnasium.register("kit/Unmade-v0", entry_point=Row, vector_entry_point=Unmade)
