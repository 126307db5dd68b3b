"""Seven small, faultless environments that the fault files break: one shell, and hooks where a fault is a few lines.

The shell keeps Gymnasium's contract once: seeding through `np_random`, fresh objects at every return, plain `float`
and `bool`, an end that stays the end (a step after it changes nothing and pays nothing), its own time limit.
"""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

import gymnasium as gym
import numpy as np
from gymnasium import spaces


class Scene(gym.Env):
    """The shell: `begin`, `move`, `ended`, `reward`, `observe`, `notes`, `picture` and `text` are the hooks."""

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 10}
    limit = 100

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.time = 0
        self.terminated = False
        self.truncated = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        self.terminated = False
        self.truncated = False
        self.begin()
        return self.observe(), self.notes()

    def step(self, action):
        if self.terminated or self.truncated:
            return self.observe(), 0.0, self.terminated, self.truncated, self.notes()
        self.time += 1
        self.move(action)
        self.terminated = self.ended()
        self.truncated = self.time >= self.limit and not self.terminated
        return self.observe(), self.reward(), self.terminated, self.truncated, self.notes()

    def notes(self):
        return {"time": self.time}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.picture()
        if self.render_mode == "ansi":
            return self.text()
        return None

    def text(self):
        return f"{type(self).__name__} at step {self.time}\n"

    def close(self):
        pass


class Valley(Scene):
    """A cart in the wind: pushed by a force until it is out of the valley."""

    limit = 120

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        low, high = np.array([-1, -0.25], np.float32), np.array([1.25, 0.25], np.float32)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)
        self.position, self.speed, self.push = -0.5, 0.0, 0.0

    def begin(self):
        self.position = float(self.np_random.uniform(-0.6, -0.4))
        self.speed = self.push = 0.0

    def move(self, action):
        self.push = float(np.clip(action[0], -1, 1))
        self.speed = 0.95 * self.speed + 0.01 * self.push + self.wind()
        self.position += self.speed
        if self.position < -1:
            self.bump()

    def wind(self):
        return float(self.np_random.uniform(-0.002, 0.002))

    def bump(self):
        self.position, self.speed = -1.0, 0.0

    def ended(self):
        return self.position >= 1

    def reward(self):
        return (10.0 if self.terminated else 0.0) - 0.1 * self.push**2 - 0.01

    def observe(self):
        return np.array([self.position, self.speed], np.float32)

    def picture(self):
        frame = np.full((20, 32, 3), (40, 60, 90), np.uint8)
        frame[16:] = (90, 70, 40)
        column = int((self.position + 1) * 13)
        frame[12:16, column : column + 3] = (240, 200, 40)
        return frame


class Maze(Scene):
    """A slippery five by five room; the goal is the last cell."""

    limit = 60
    size = 5

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.Discrete(self.size**2)
        self.action_space = spaces.Discrete(4)
        self.cell = self.bumps = 0
        self.bumped = False

    def begin(self):
        self.cell = self.start()
        self.bumps = 0
        self.bumped = False

    def start(self):
        return int(self.np_random.integers(self.size**2 - 1))

    def move(self, action):
        turn = int(self.np_random.integers(4)) if self.np_random.random() < 0.1 else int(action)
        row, column = divmod(self.cell, self.size)
        row += (-1, 0, 1, 0)[turn]
        column += (0, 1, 0, -1)[turn]
        self.bumped = not (0 <= row < self.size and 0 <= column < self.size)
        if self.bumped:
            self.bump()
        else:
            self.cell = row * self.size + column

    def bump(self):
        self.bumps += 1

    def ended(self):
        return self.cell == self.size**2 - 1

    def reward(self):
        return 1.0 if self.terminated else -0.1 if self.bumped else -0.01

    def observe(self):
        return self.cell

    def notes(self):
        return {"bumps": self.bumps}

    def picture(self):
        frame = np.full((self.size * 4, self.size * 4, 3), 30, np.uint8)
        frame[-4:, -4:] = (30, 160, 60)
        row, column = divmod(self.cell, self.size)
        frame[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = (220, 120, 30)
        return frame

    def text(self):
        marks = ["."] * (self.size**2 - 1) + ["G"]
        marks[self.cell] = "@"
        return "\n".join("".join(marks[i : i + self.size]) for i in range(0, self.size**2, self.size)) + "\n"


class Brewery(Scene):
    """A kettle feeds a tank: keep the tank warm and do not let the kettle boil over."""

    limit = 90

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.Dict(
            {"heat": spaces.Box(0, 12, (2,), np.float32), "valve": spaces.Discrete(3)},
        )
        self.action_space = spaces.Discrete(3)
        self.heat = np.array([4.0, 4.0], np.float32)
        self.valve = 0

    def begin(self):
        self.heat = self.np_random.uniform(3, 5, 2).astype(np.float32)
        self.valve = 0

    def move(self, action):
        self.valve = int(action)
        self.heat[0] += 0.3 * self.valve - 0.25 + self.flicker()
        self.heat[1] += 0.1 * (self.heat[0] - self.heat[1])
        np.clip(self.heat, 0, 12, out=self.heat)

    def flicker(self):
        return float(self.np_random.uniform(-0.1, 0.1))

    def ended(self):
        return bool(self.heat[0] >= 10)

    def reward(self):
        return -20.0 if self.terminated else -abs(float(self.heat[1]) - 6) / 6

    def observe(self):
        return {"heat": self.heat.copy(), "valve": self.valve}

    def notes(self):
        return {"kettle": float(self.heat[0])}

    def picture(self):
        frame = np.full((26, 20, 3), 20, np.uint8)
        for index, colour in enumerate(((230, 90, 40), (60, 120, 220))):
            frame[25 - int(self.heat[index] * 2) : 25, 2 + 9 * index : 9 + 9 * index] = colour
        return frame

    def text(self):
        return f"kettle {self.heat[0]:.1f} tank {self.heat[1]:.1f} valve {self.valve}\n"


class Pond(Scene):
    """Drops fall into a pond; a boat catches them; the third one missed ends the episode."""

    limit = 150
    size = 16

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.Box(0, 255, (self.size, self.size, 3), np.uint8)
        self.action_space = spaces.Discrete(3)
        self.row, self.column, self.boat, self.misses, self.gain = 0, 8, 8, 0, 0.0

    def begin(self):
        self.boat = self.size // 2
        self.misses = 0
        self.gain = 0.0
        self.drop()

    def drop(self):
        self.row, self.column = 1, int(self.np_random.integers(self.size))

    def move(self, action):
        self.boat = min(max(self.boat + int(action) - 1, 1), self.size - 2)
        self.row += 1
        self.gain = 0.0
        if self.row == self.size - 1:
            caught = abs(self.column - self.boat) <= 1
            self.gain = 1.0 if caught else -1.0
            self.misses += not caught
            self.drop()

    def ended(self):
        return self.misses >= 3

    def reward(self):
        return self.gain

    def observe(self):
        pixels = np.zeros((self.size, self.size, 3), np.uint8)
        pixels[self.row, self.column, 0] = 255
        pixels[-1, self.boat - 1 : self.boat + 2, 1] = 200
        pixels[0, : self.misses, 2] = 150
        return pixels

    def notes(self):
        return {"misses": self.misses}

    def picture(self):
        return self.observe().repeat(2, axis=0).repeat(2, axis=1)

    def text(self):
        return f"drop {self.row},{self.column} boat {self.boat} misses {self.misses}\n"


class Crews(Scene):
    """Six sites break down one after another; a crew repairs one a step; all six down is the end."""

    limit = 80

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.MultiBinary(6)
        self.action_space = spaces.MultiDiscrete([6, 2])
        self.down = np.zeros(6, np.int8)
        self.repaired = False

    def begin(self):
        self.down = np.zeros(6, np.int8)
        self.down[int(self.np_random.integers(6))] = 1
        self.repaired = False

    def move(self, action):
        site, work = int(action[0]), int(action[1])
        self.repaired = bool(work and self.down[site])
        if work:
            self.down[site] = 0
        if self.np_random.random() < 0.5:
            self.down[int(self.np_random.integers(6))] = 1

    def ended(self):
        return bool(self.down.all())

    def reward(self):
        return -5.0 if self.terminated else float(self.repaired) - 0.2 * int(self.down.sum())

    def observe(self):
        return self.down.copy()

    def notes(self):
        return {"down": int(self.down.sum())}

    def picture(self):
        frame = np.zeros((8, 24, 3), np.uint8)
        for site, down in enumerate(self.down):
            frame[1:7, 4 * site + 1 : 4 * site + 3] = (200, 30, 30) if down else (30, 200, 30)
        return frame

    def text(self):
        return "".join("x" if down else "o" for down in self.down) + "\n"


class Archer(Scene):
    """A goal-conditioned reacher in the plane."""

    limit = 50

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        box = spaces.Box(-1, 1, (2,), np.float32)
        self.observation_space = spaces.Dict({"observation": box, "achieved_goal": box, "desired_goal": box})
        self.action_space = spaces.Box(-1, 1, (2,), np.float32)
        self.place = np.zeros(2, np.float32)
        self.goal = np.full(2, 0.5, np.float32)

    def begin(self):
        self.place = np.zeros(2, np.float32)
        angle = self.np_random.uniform(0, 2 * np.pi)
        self.goal = (0.7 * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)

    def move(self, action):
        self.place = np.clip(self.place + 0.15 * np.asarray(action), -1, 1).astype(np.float32)

    def distance(self, achieved, desired):
        return np.linalg.norm(np.asarray(achieved) - np.asarray(desired), axis=-1)

    def compute_reward(self, achieved_goal, desired_goal, info):
        missed = -(self.distance(achieved_goal, desired_goal) > 0.3).astype(np.float64)
        return float(missed) if missed.ndim == 0 else missed

    def ended(self):
        return bool(self.distance(self.place, self.goal) <= 0.3)

    def reward(self):
        return self.compute_reward(self.place, self.goal, {})

    def observe(self):
        return {
            "observation": self.place.copy(),
            "achieved_goal": self.place.copy(),
            "desired_goal": self.goal.copy(),
        }

    def notes(self):
        return {"is_success": self.ended()}

    def picture(self):
        frame = np.full((24, 24, 3), 235, np.uint8)
        for point, colour in ((self.goal, (200, 40, 40)), (self.place, (30, 30, 160))):
            column, row = (int(11 + 10 * value) for value in point)
            frame[row : row + 2, column : column + 2] = colour
        return frame


class Deck(Scene):
    """Draw cards without going over 21; sticking lets the bank draw."""

    limit = 40

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = spaces.Tuple((spaces.Discrete(32), spaces.Discrete(11)))
        self.action_space = spaces.Discrete(2)
        self.total, self.bank, self.outcome = 2, 1, None

    def card(self):
        return int(min(self.np_random.integers(1, 14), 10))

    def begin(self):
        self.total, self.bank, self.outcome = self.card() + self.card(), self.card(), None

    def move(self, action):
        if int(action) == 1:
            self.total += self.card()
            self.outcome = -1.0 if self.total > 21 else None
            return
        bank = self.bank
        while bank < 17:
            bank += self.card()
        self.outcome = float(np.sign(self.total - bank)) if bank <= 21 else 1.0

    def ended(self):
        return self.outcome is not None

    def reward(self):
        return self.outcome if self.outcome is not None else 0.0

    def observe(self):
        return (self.total, self.bank)

    def notes(self):
        return {}

    def picture(self):
        frame = np.zeros((16, 34, 3), np.uint8)
        frame[2:7, : self.total + 1] = (60, 180, 75)
        frame[9:14, : self.bank + 1] = (200, 60, 60)
        return frame

    def text(self):
        return f"you {self.total} bank {self.bank}\n"
