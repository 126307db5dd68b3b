"""Nine small environments without fault, on which the fault files plant theirs.

Written as nine different authors would: no common shell, other spaces, other orders of doing things. What they share
are names, so that a fault is a few lines: `observe`, `reward`, `ends`, `info`, `frame` and `text` are the hooks.
All draw from `np_random` only, hand out new objects, and stay as they are when stepped past the end, for nothing.
"""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple

METADATA = {"render_modes": ["rgb_array", "ansi"], "render_fps": 20}


class Cart(gym.Env):
    """A cart on a rail is pushed about in gusts of wind, and falls off at either end."""

    metadata = METADATA.copy()
    limit = 100

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        edge = np.array([1.2, 0.2], np.float32)
        self.observation_space = Box(-edge, edge, dtype=np.float32)
        self.action_space = Box(-1, 1, (1,), np.float32)
        self.position, self.speed, self.steps = 0.0, 0.0, 0
        self.fallen, self.late = False, False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.position, self.speed = self.np_random.uniform(-0.3, 0.3), 0.0
        self.steps, self.fallen, self.late = 0, False, False
        return self.observe(), self.info()

    def step(self, action):
        if self.fallen or self.late:
            return self.observe(), 0.0, self.fallen, self.late, self.info()
        self.steps += 1
        self.push(float(np.clip(action[0], -1, 1)))
        self.fallen, self.late = self.ends(), self.steps >= self.limit
        return self.observe(), self.reward(), self.fallen, self.late, self.info()

    def push(self, force):
        self.speed = 0.9 * self.speed + 0.01 * force + self.gust()
        self.position += self.speed

    def gust(self):
        return self.np_random.uniform(-0.002, 0.002)

    def ends(self):
        return abs(self.position) >= 1

    def reward(self):
        return -5.0 if self.fallen else 1 - abs(self.position)

    def observe(self):
        return np.array([self.position, self.speed], np.float32)

    def info(self):
        return {"steps": self.steps}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        return self.text() if self.render_mode == "ansi" else None

    def frame(self):
        pixels = np.full((16, 40, 3), 210, np.uint8)
        pixels[12:] = (80, 60, 50)
        column = int(17 + 14 * self.position)
        pixels[8:12, column : column + 5] = (190, 40, 40)
        return pixels

    def text(self):
        return f"cart at {self.position:+.3f}, speed {self.speed:+.3f}\n"

    def close(self):
        pass


class Grid(gym.Env):
    """A robot walks over a floor of six by six tiles to the charger in the last corner; one tile is a pillar."""

    metadata = METADATA.copy()
    limit = 80
    side, pillar, charger = 6, 21, 35
    moves = {0: (-1, 0), 1: (0, 1), 2: (1, 0), 3: (0, -1)}

    def __init__(self, render_mode=None):
        self.observation_space = Discrete(self.side**2)
        self.action_space = Discrete(len(self.moves))
        self.render_mode = render_mode
        self.tile = 0
        self.steps = 0
        self.bumped = False
        self.terminated = self.truncated = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.tile = self.start()
        self.steps = 0
        self.bumped = False
        self.terminated = self.truncated = False
        return self.observe(), self.info()

    def start(self):
        return int(self.np_random.integers(3 * self.side))

    def step(self, action):
        if not (self.terminated or self.truncated):
            self.walk(*self.moves[int(action)])
            self.steps += 1
            self.terminated = self.ends()
            self.truncated = not self.terminated and self.steps >= self.limit
            reward = self.reward()
        else:
            reward = 0.0
        return self.observe(), reward, self.terminated, self.truncated, self.info()

    def walk(self, down, right):
        row, column = self.tile // self.side + down, self.tile % self.side + right
        tile = row * self.side + column
        inside = 0 <= row < self.side and 0 <= column < self.side
        self.bumped = not inside or tile == self.pillar
        if not self.bumped:
            self.tile = tile

    def ends(self):
        return self.tile == self.charger

    def reward(self):
        if self.terminated:
            return 1.0
        return -0.1 if self.bumped else -0.02

    def observe(self):
        return self.tile

    def info(self):
        return {"bumped": self.bumped}

    def render(self):
        return {"rgb_array": self.frame, "ansi": self.text, None: lambda: None}[self.render_mode]()

    def frame(self):
        tiles = np.full((self.side, self.side, 3), 235, np.uint8)
        for tile, colour in ((self.pillar, (60, 60, 60)), (self.charger, (40, 170, 60)), (self.tile, (30, 60, 200))):
            tiles[divmod(tile, self.side)] = colour
        return tiles.repeat(4, axis=0).repeat(4, axis=1)

    def text(self):
        marks = {self.pillar: "#", self.charger: "C", self.tile: "@"}
        rows = range(0, self.side**2, self.side)
        return "\n".join("".join(marks.get(row + column, ".") for column in range(self.side)) for row in rows)

    def close(self):
        pass


class Tank(gym.Env):
    """A pump fills a tank that a village drains; the day is over when it runs dry or over."""

    metadata = METADATA.copy()
    limit = 100
    height = 10.0

    def __init__(self, render_mode=None):
        super().__init__()
        self.action_space = Discrete(3)
        self.observation_space = Dict({"level": Box(0, self.height, (1,), np.float32), "pump": Discrete(3)})
        self.render_mode = render_mode
        self.level, self.pump, self.clock, self.done = 5.0, 0, 0, (False, False)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        self.level, self.pump, self.clock, self.done = self.first_level(), 0, 0, (False, False)
        return self.observe(), self.info()

    def first_level(self):
        return self.np_random.uniform(4, 6)

    def step(self, action):
        if any(self.done):
            return self.observe(), 0.0, *self.done, self.info()
        self.clock += 1
        self.pump = int(action)
        self.flow()
        self.done = (self.ends(), self.clock >= self.limit)
        return self.observe(), self.reward(), *self.done, self.info()

    def flow(self):
        self.level += 0.4 * self.pump - self.demand()
        self.level = min(max(self.level, 0.0), self.height)

    def demand(self):
        return self.np_random.uniform(0.3, 0.5)

    def ends(self):
        return self.level <= 0 or self.level >= self.height

    def reward(self):
        return -10.0 if self.done[0] else -abs(self.level - 5) / 5

    def observe(self):
        return {"level": np.array([self.level], np.float32), "pump": self.pump}

    def info(self):
        return {"clock": self.clock}

    def render(self):
        if self.render_mode == "ansi":
            return self.text()
        if self.render_mode == "rgb_array":
            return self.frame()
        return None

    def frame(self):
        pixels = np.full((24, 18, 3), 245, np.uint8)
        pixels[22 - int(2 * self.level) : 22, 3:15] = (50, 110, 200)
        pixels[22:, : 6 * (self.pump + 1)] = (90, 90, 90)
        return pixels

    def text(self):
        return f"level {self.level:5.2f}, pump {self.pump}, hour {self.clock}\n"

    def close(self):
        pass


class Catcher(gym.Env):
    """Apples fall, a basket catches them, and the third one on the ground ends the game; seen as a picture."""

    metadata = METADATA.copy()
    limit = 60
    size = 24

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = Box(0, 255, (self.size, self.size, 3), np.uint8)
        self.action_space = Discrete(3)
        self.clear()

    def clear(self):
        self.row, self.column, self.basket = 2, 12, 12
        self.lost, self.gain, self.steps = 0, 0.0, 0
        self.terminated = self.truncated = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.clear()
        self.hang()
        return self.observe(), self.info()

    def hang(self):
        self.row, self.column = 2, int(self.np_random.integers(2, self.size - 2))

    def step(self, action):
        if self.terminated or self.truncated:
            return self.observe(), 0.0, self.terminated, self.truncated, self.info()
        self.steps += 1
        self.basket = min(max(self.basket + 2 * (int(action) - 1), 3), self.size - 4)
        self.fall()
        self.terminated = self.ends()
        self.truncated = self.steps >= self.limit
        return self.observe(), self.reward(), self.terminated, self.truncated, self.info()

    def fall(self):
        self.gain = 0.0
        self.row += 2
        if self.row >= self.size - 2:
            caught = abs(self.column - self.basket) <= 3
            self.gain = 1.0 if caught else -1.0
            self.lost += 0 if caught else 1
            self.hang()

    def ends(self):
        return self.lost >= 3

    def reward(self):
        return self.gain

    def observe(self):
        return self.picture()

    def picture(self):
        picture = np.zeros((self.size, self.size, 3), np.uint8)
        picture[self.row : self.row + 2, self.column - 1 : self.column + 1] = (255, 40, 40)
        picture[-1, self.basket - 3 : self.basket + 4] = (200, 160, 90)
        picture[0, : 4 * self.lost] = (255, 255, 255)
        return picture

    def info(self):
        return {"lost": self.lost}

    def render(self):
        if self.render_mode is None:
            return None
        return self.frame() if self.render_mode == "rgb_array" else self.text()

    def frame(self):
        return np.kron(self.picture(), np.ones((2, 2, 1), np.uint8))

    def text(self):
        return f"apple {self.row, self.column}, basket {self.basket}, lost {self.lost}\n"

    def close(self):
        pass


class Scheduler(gym.Env):
    """Jobs arrive at five slots; the clerk serves one of them, or two at a cost; all five full is the end."""

    metadata = METADATA.copy()
    limit = 90

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = MultiBinary(5)
        self.action_space = MultiDiscrete([5, 3])
        self.busy = np.zeros(5, np.int8)
        self.steps, self.served, self.speed = 0, 0, 0
        self.full = self.late = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.busy = self.np_random.integers(0, 2, 5).astype(np.int8)
        self.busy[0] = 0
        self.steps, self.served, self.speed = 0, 0, 0
        self.full = self.late = False
        return self.observe(), self.info()

    def step(self, action):
        if self.full or self.late:
            return self.observe(), 0.0, self.full, self.late, self.info()
        slot, self.speed = (int(part) for part in action)
        self.serve([(slot + offset) % 5 for offset in range(self.speed)])
        if self.np_random.random() < 0.6:
            self.arrive(int(self.np_random.integers(5)))
        self.steps += 1
        self.full = self.ends()
        self.late = self.steps >= self.limit
        return self.observe(), self.reward(), self.full, self.late, self.info()

    def serve(self, slots):
        self.served = sum(int(self.busy[slot]) for slot in slots)
        for slot in slots:
            self.busy[slot] = 0

    def arrive(self, slot):
        self.busy[slot] = 1

    def ends(self):
        return bool(self.busy.all())

    def reward(self):
        return -5.0 if self.full else self.served - 0.3 * (self.speed == 2) - 0.1 * int(self.busy.sum())

    def observe(self):
        return self.busy.copy()

    def info(self):
        return {"served": self.served}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        if self.render_mode == "ansi":
            return self.text()
        return None

    def frame(self):
        colours = np.where(self.busy[:, None], (220, 120, 20), (60, 60, 70)).astype(np.uint8)
        return np.broadcast_to(colours.repeat(6, axis=0), (8, 30, 3)).copy()

    def text(self):
        return " ".join("[x]" if busy else "[ ]" for busy in self.busy) + f" {self.steps}\n"

    def close(self):
        pass


class Walker(gym.Env):
    """A hiker crosses thirty fields of changing ground, tired by mud, until the far side or until exhausted."""

    metadata = METADATA.copy()
    limit = 120
    length = 30
    grounds = 4

    def __init__(self, render_mode=None):
        self.observation_space = Tuple((Discrete(self.grounds), Box(0, 1, (2,), np.float32)))
        self.action_space = Discrete(3)
        self.render_mode = render_mode
        self.land = np.zeros(self.length + 1, np.int64)
        self.place, self.strength, self.heading = 10, 1.0, 0
        self.steps, self.terminated, self.truncated = 0, False, False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.land = self.np_random.integers(self.grounds, size=self.length + 1)
        self.place, self.strength, self.heading = int(self.np_random.integers(5, 16)), 1.0, 0
        self.steps, self.terminated, self.truncated = 0, False, False
        return self.observe(), self.info()

    def step(self, action):
        if self.terminated or self.truncated:
            return self.observe(), 0.0, self.terminated, self.truncated, self.info()
        self.heading = int(action) - 1
        self.stride()
        self.steps += 1
        self.terminated = self.ends()
        self.truncated = self.steps >= self.limit and not self.terminated
        return self.observe(), self.reward(), self.terminated, self.truncated, self.info()

    def stride(self):
        if self.heading == 0:
            self.strength = min(self.strength + 0.05, 1.0)
            return
        self.place = min(max(self.place + self.heading, 0), self.length)
        self.strength = max(self.strength - 0.01 * (1 + self.ground()), 0.0)

    def ground(self):
        return int(self.land[self.place])

    def ends(self):
        return self.place == self.length or self.strength <= 0

    def reward(self):
        if self.terminated:
            return 5.0 if self.place == self.length else -5.0
        return 0.1 * self.heading - 0.01

    def observe(self):
        return self.ground(), np.array([self.place / self.length, self.strength], np.float32)

    def info(self):
        return {"place": self.place}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        return self.text() if self.render_mode == "ansi" else None

    def frame(self):
        pixels = np.repeat(60 + 50 * self.land.astype(np.uint8), 2)[None, :, None] * np.ones((12, 1, 3), np.uint8)
        pixels[2:9, 2 * self.place : 2 * self.place + 2] = (220, 30, 30)
        return pixels

    def text(self):
        fields = ["_.~#"[ground] for ground in self.land]
        fields[self.place] = "@"
        return "".join(fields) + f" {self.strength:.2f}\n"

    def close(self):
        pass


class Reacher(gym.Env):
    """A hand with inertia reaches for a point in the plane; goal-conditioned, dense reward, ends at the goal."""

    metadata = METADATA.copy()
    limit = 60
    radius = 0.3

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        plane = Box(-1, 1, (2,), np.float32)
        motion = Box(-1, 1, (4,), np.float32)
        self.observation_space = Dict({"observation": motion, "achieved_goal": plane, "desired_goal": plane})
        self.action_space = Box(-1, 1, (2,), np.float32)
        self.hand = np.zeros(2)
        self.motion = np.zeros(2)
        self.goal = np.array([0.6, 0.0])
        self.steps, self.reached, self.late = 0, False, False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.hand, self.motion = self.np_random.uniform(-0.1, 0.1, 2), np.zeros(2)
        self.goal = self.np_random.choice([-1, 1], 2) * self.np_random.uniform(0.4, 0.9, 2)
        self.steps, self.reached, self.late = 0, False, False
        return self.observe(), self.info()

    def step(self, action):
        if self.reached or self.late:
            return self.observe(), 0.0, self.reached, self.late, self.info()
        self.steps += 1
        self.motion = 0.7 * self.motion + 0.05 * np.clip(np.asarray(action, float), -1, 1)
        self.hand = np.clip(self.hand + self.motion, -1, 1)
        self.reached = self.ends()
        self.late = self.steps >= self.limit
        return self.observe(), self.reward(), self.reached, self.late, self.info()

    def ends(self):
        return bool(self.distance(*self.points()) <= self.radius)

    def points(self):
        return self.hand.astype(np.float32), self.goal.astype(np.float32)

    def distance(self, achieved, desired):
        return np.linalg.norm(np.asarray(achieved, float) - np.asarray(desired, float), axis=-1)

    def compute_reward(self, achieved_goal, desired_goal, info):
        distance = self.distance(achieved_goal, desired_goal)
        reward = 5.0 * (distance <= self.radius) - distance
        return float(reward) if np.ndim(reward) == 0 else reward

    def reward(self):
        return self.compute_reward(*self.points(), self.info())

    def observe(self):
        hand, goal = self.points()
        motion = np.concatenate([self.hand, self.motion]).astype(np.float32)
        return {"observation": motion, "achieved_goal": hand, "desired_goal": goal}

    def info(self):
        return {"is_success": self.reached}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        return self.text() if self.render_mode == "ansi" else None

    def frame(self):
        pixels = np.full((30, 30, 3), 250, np.uint8)
        for point, colour in ((self.goal, (20, 150, 60)), (self.hand, (20, 20, 20))):
            column, row = (14 + 13 * point).astype(int)
            pixels[row : row + 3, column : column + 3] = colour
        return pixels

    def text(self):
        return f"hand {self.hand.round(2)}, goal {self.goal.round(2)}\n"

    def close(self):
        pass


class Cards(gym.Env):
    """Draw cards for a total near twenty-one, and stop in time; a game takes a few steps and needs no limit."""

    metadata = METADATA.copy()
    best = 21

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = Discrete(32)
        self.action_space = Discrete(2)
        self.total = 0
        self.drawn = 0
        self.over = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.drawn = 0
        self.total = self.card()
        self.over = False
        return self.observe(), self.info()

    def card(self):
        return int(self.np_random.integers(1, 11))

    def step(self, action):
        if self.over:
            return self.observe(), 0.0, True, False, self.info()
        stop = int(action) == 0
        if not stop:
            self.total += self.card()
            self.drawn += 1
        self.over = self.ends(stop)
        return self.observe(), self.reward(), self.over, False, self.info()

    def ends(self, stop):
        return stop or self.total > self.best

    def reward(self):
        if not self.over:
            return 0.0
        return self.total / self.best if self.total <= self.best else -1.0

    def observe(self):
        return self.total

    def info(self):
        return {"drawn": self.drawn}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        return self.text() if self.render_mode == "ansi" else None

    def frame(self):
        pixels = np.full((10, 64, 3), 15, np.uint8)
        pixels[2:8, : 2 * self.total] = (40, 160, 40) if self.total <= self.best else (200, 40, 40)
        return pixels

    def text(self):
        return f"{self.total} with {self.drawn} drawn\n"

    def close(self):
        pass


class Rocket(gym.Env):
    """A rocket hops over a plain: burn or glide; it is down when it touches the ground. The altitude has no bound."""

    metadata = METADATA.copy()
    limit = 150

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        low, high = np.array([0, -np.inf], np.float32), np.array([np.inf, np.inf], np.float32)
        self.observation_space = Box(low, high, dtype=np.float32)
        self.action_space = Discrete(2)
        self.altitude, self.climb, self.burns, self.steps = 5.0, 0.0, 0, 0
        self.landed = self.late = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.altitude, self.climb = self.np_random.uniform(4, 6), self.np_random.uniform(-0.2, 0.2)
        self.burns = self.steps = 0
        self.landed = self.late = False
        return self.observe(), self.info()

    def step(self, action):
        if self.landed or self.late:
            return self.observe(), 0.0, self.landed, self.late, self.info()
        self.steps += 1
        self.burns = self.burns + 1 if int(action) else 0
        self.fly()
        self.landed, self.late = self.ends(), self.steps >= self.limit
        return self.observe(), self.reward(), self.landed, self.late, self.info()

    def fly(self):
        self.climb = 0.95 * self.climb + (0.1 if self.burns else -0.1)
        self.altitude = max(self.altitude + self.climb, 0.0)

    def ends(self):
        return self.altitude <= 0

    def reward(self):
        if self.landed:
            return 10.0 - 10.0 * abs(self.climb)
        return -0.05 if self.burns else 0.0

    def observe(self):
        return np.array([self.altitude, self.climb], np.float32)

    def info(self):
        return {"burns": self.burns}

    def render(self):
        if self.render_mode == "rgb_array":
            return self.frame()
        return self.text() if self.render_mode == "ansi" else None

    def frame(self):
        pixels = np.full((32, 12, 3), (120, 170, 230), np.uint8)
        row = max(26 - int(self.altitude), 0)
        pixels[row : row + 5, 5:7] = (240, 240, 240)
        pixels[31:] = (90, 130, 60)
        return pixels

    def text(self):
        return f"altitude {self.altitude:.2f}, climb {self.climb:+.2f}\n"

    def close(self):
        pass
