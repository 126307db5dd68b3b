"""What many of the odd environments share: the course of an episode. After the end nothing moves any more."""

import gymnasium as gym


class Play(gym.Env):
    """Subclasses say how an episode begins, what a move does and is worth, what is seen, and what is the end."""

    limit = 60

    def begin(self):
        raise NotImplementedError

    def move(self, action):
        """Returns the reward."""
        raise NotImplementedError

    def observe(self):
        raise NotImplementedError

    def ends(self):
        return False

    def info(self):
        return {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps, self.over = 0, False
        self.begin()
        return self.observe(), self.info()

    def step(self, action):
        reward = 0.0
        if not self.over:
            self.steps += 1
            reward = self.move(action)
            self.over = bool(self.ends())
        return self.observe(), reward, self.over, self.steps >= self.limit, self.info()
