"""Odd beginnings, courses and ends of episodes. None has a fault."""

import numpy as np
from gymnasium import spaces
from valid_common import Play


class Line(Play):
    """A walk on a line of cells: 0 goes left, 1 stays, 2 goes right."""

    cells, start = 9, 4

    def __init__(self):
        self.observation_space = spaces.Discrete(self.cells)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.cell = self.start

    def observe(self):
        return self.cell

    def move(self, action):
        self.cell = max(0, min(self.cells - 1, self.cell + int(action) - 1))
        return self.reward()

    def reward(self):
        return 1.0 if self.cell == self.cells - 1 else -0.01

    def ends(self):
        return self.cell == self.cells - 1


class EndlessEpisode(Line):
    """The episode neither terminates nor is truncated, however long it is played.

    Odd: yes
    """

    limit = float("inf")

    def ends(self):
        return False


class OneStepTermination(Play):
    """A bandit: every episode terminates with its first step.

    Odd: yes
    """

    odds = (0.2, 0.5, 0.8)

    def __init__(self):
        self.observation_space = spaces.Discrete(1)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        pass

    def observe(self):
        return 0

    def move(self, action):
        return float(self.np_random.random() < self.odds[action])

    def ends(self):
        return True


class OneStepTruncation(Play):
    """A contextual bandit: every episode is truncated with its first step.

    Odd: yes
    """

    limit = 1

    def __init__(self):
        self.observation_space = spaces.Box(-1.0, 1.0, (3,), np.float32)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.context = self.np_random.uniform(-1.0, 1.0, 3)

    def observe(self):
        return self.context.astype(np.float32)

    def move(self, action):
        reward = float(self.context[action])
        self.begin()
        return reward


class EndsWhereItBegan(Line):
    """There and back: the last observation of an episode is that of its start, by the rules of the game.

    Odd: yes
    """

    start, cells = 0, 6

    def begin(self):
        super().begin()
        self.carries = False

    def move(self, action):
        super().move(action)
        self.carries = self.carries or self.cell == self.cells - 1
        return self.reward()

    def ends(self):
        return self.carries and self.cell == self.start

    def reward(self):
        return 1.0 if self.ends() else -0.01


class WaitsForTheBus(Play):
    """Waiting changes nothing for dozens of steps, by design: then something comes, and getting on ends it.

    Odd: yes
    """

    limit = 120

    def __init__(self):
        self.observation_space = spaces.Discrete(2)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.arrival, self.caught = int(self.np_random.integers(30, 60)), False

    def observe(self):
        return int(self.steps >= self.arrival)

    def move(self, action):
        self.caught = self.steps >= self.arrival and action == 1
        return 10.0 if self.caught else -0.1

    def ends(self):
        return self.caught


class WallsAllAround(Line):
    """In most cells one of the actions runs into a wall, and nothing changes but the clock nobody sees.

    Odd: yes
    """

    start, cells = 0, 2

    def ends(self):
        return False

    def reward(self):
        return float(self.cell)


class AbsorbingEnd(Line):
    """Stepping on after the end is allowed for ever: it stays there, is paid nothing, and says again that it is over.

    Odd: yes
    """

    limit = 10_000


class EndsAndRunsOutAtOnce(Line):
    """Terminated and truncated may both be true at the same step: the goal can be reached with the last one.

    Odd: yes
    """

    start, cells, limit = 0, 11, 10


class LengthIsDrawn(Line):
    """How long an episode lasts is drawn in reset: 3 to 40 steps.

    Odd: yes
    """

    def begin(self):
        super().begin()
        self.limit = int(self.np_random.integers(3, 41))


class VeryLongEpisode(Line):
    """Truncated after 5,000 steps, and terminated only at the end of a line of 2,000 cells.

    Odd: yes
    """

    cells, start, limit = 2_000, 0, 5_000


class DiesAtAnyTime(Line):
    """Each step ends the episode with a chance of one in twenty, whatever is done.

    Odd: yes
    """

    def ends(self):
        return bool(self.np_random.random() < 0.05)


class SeveralEndings(Line):
    """Won, lost and given up are different ends, told apart in info only at the end.

    Odd: yes
    """

    def ends(self):
        return self.cell in (0, self.cells - 1)

    def reward(self):
        return float(self.cell == self.cells - 1) - float(self.cell == 0)

    def info(self):
        if not self.over and self.steps < self.limit:
            return {}
        return {"ending": {0: "lost", self.cells - 1: "won"}.get(self.cell, "given up")}


class FirstActionChoosesTheGame(Line):
    """The first action of an episode means something else: it chooses where on the line the goal is.

    Odd: yes
    """

    def begin(self):
        super().begin()
        self.goal = None

    def move(self, action):
        if self.goal is None:
            self.goal = (6, 7, 8)[action]
            return 0.0
        return super().move(action)

    def ends(self):
        return self.goal is not None and self.cell >= self.goal
