"""Odd structures: observations and actions that are nested, of variable size, words or graphs. None has a fault."""

import numpy as np
from gymnasium import spaces
from valid_common import Play


class NestedDictAndTuple(Play):
    """The observation is a Dict of a Dict of a Tuple, the action a Dict of a Tuple.

    Odd: yes
    """

    limit = 30

    def __init__(self):
        arm = spaces.Tuple((spaces.Box(-1.0, 1.0, (2,), np.float32), spaces.Discrete(3)))
        robot = spaces.Dict({"left": arm, "right": arm, "lamps": spaces.MultiBinary(4)})
        self.observation_space = spaces.Dict({"robot": robot, "clock": spaces.Discrete(self.limit + 1)})
        self.action_space = spaces.Dict({"move": spaces.Tuple((spaces.Discrete(3), spaces.Discrete(3)))})

    def begin(self):
        self.hands, self.grips = self.np_random.uniform(-1.0, 1.0, (2, 2)), [0, 0]

    def observe(self):
        left, right = ((self.hands[side].astype(np.float32), self.grips[side]) for side in (0, 1))
        lamps = np.array([grip > 0 for grip in self.grips] * 2, np.int8)
        return {"robot": {"left": left, "right": right, "lamps": lamps}, "clock": min(self.steps, self.limit)}

    def move(self, action):
        self.grips = [int(grip) for grip in action["move"]]
        self.hands = np.clip(self.hands + 0.1 * (np.array(self.grips) - 1)[:, None], -1.0, 1.0)
        return float(-np.abs(self.hands).sum())


class TextObservation(Play):
    """Observation and action are words: a letter is guessed, and the word shown with gaps.

    Odd: yes
    """

    words, limit = ("stone", "otter", "notes"), 25

    def __init__(self):
        self.observation_space = spaces.Text(5, min_length=5, charset="enorst_")
        self.action_space = spaces.Text(1, charset="enorst")

    def begin(self):
        self.word, self.guessed = self.words[int(self.np_random.integers(3))], ""

    def observe(self):
        return "".join(letter if letter in self.guessed else "_" for letter in self.word)

    def move(self, action):
        new = action in self.word and action not in self.guessed
        self.guessed += action
        return 1.0 if new else -0.5

    def ends(self):
        return "_" not in self.observe()


class GraphObservation(Play):
    """The observation is a graph that gains a node and an edge with every step, and begins without any edge.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Graph(spaces.Box(-1.0, 1.0, (2,), np.float32), spaces.Discrete(4))
        self.action_space = spaces.Discrete(4)

    def begin(self):
        self.nodes, self.edges = [self.np_random.uniform(-1.0, 1.0, 2)], []

    def observe(self):
        nodes = np.array(self.nodes, np.float32)
        if not self.edges:
            return spaces.GraphInstance(nodes, None, None)
        kinds, links = [edge[2] for edge in self.edges], [edge[:2] for edge in self.edges]
        return spaces.GraphInstance(nodes, np.array(kinds, np.int64), np.array(links, np.int32))

    def move(self, action):
        self.edges.append((len(self.nodes) - 1, len(self.nodes), int(action)))
        self.nodes.append(self.np_random.uniform(-1.0, 1.0, 2))
        return float(self.nodes[-1][0]) + 0.1 * int(action)

    def ends(self):
        return len(self.nodes) >= 12


class SequenceObservation(Play):
    """The observation is a tuple of as many boxes as there are ships in sight: none at first.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Sequence(spaces.Box(-5.0, 5.0, (2,), np.float32))
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.ships = []

    def observe(self):
        return tuple(ship.astype(np.float32) for ship in self.ships)

    def move(self, action):
        hit = bool(action) and bool(self.ships)
        if hit:
            self.ships.pop(0)
        if self.np_random.random() < 0.7:
            self.ships.append(self.np_random.uniform(-5.0, 5.0, 2))
        return 1.0 if hit else -0.2

    def ends(self):
        return len(self.ships) > 8


class StackedSequence(Play):
    """The observation is a stacked sequence: one array whose length changes from step to step.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Sequence(spaces.Box(0.0, 1.0, (3,), np.float32), stack=True)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.rows = self.np_random.random((2, 3))

    def observe(self):
        return self.rows.astype(np.float32)

    def move(self, action):
        if action == 0:
            self.rows = np.concatenate([self.rows, self.np_random.random((1, 3))])[-6:]
        elif action == 1 and len(self.rows) > 1:
            self.rows = self.rows[1:]
        return float(self.rows.sum()) - 3.0


class OneOfObservation(Play):
    """Observation and action are one of two kinds: a number of a list, or a point of a box.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.OneOf((spaces.Discrete(8), spaces.Box(-1.0, 1.0, (2,), np.float32)))
        self.action_space = spaces.OneOf((spaces.Discrete(4), spaces.Box(-1.0, 1.0, (1,), np.float32)))

    def begin(self):
        self.kind, self.number, self.push = 0, int(self.np_random.integers(8)), 0.0

    def observe(self):
        if self.kind == 0:
            return (0, np.int64(self.number))
        return (1, np.array([self.number / 8, self.push], np.float32))

    def move(self, action):
        self.kind, value = int(action[0]), action[1]
        if self.kind == 0:
            self.number = (self.number + int(value)) % 8
        else:
            self.push = float(value[0])
        return self.number / 8 + self.push


class DictInAnotherOrder(Play):
    """The keys of the observation come in another order than those of the space, and not always in the same.

    Odd: yes
    """

    def __init__(self):
        box = spaces.Box(-2.0, 2.0, (1,), np.float32)
        parts = {"speed": box, "place": spaces.Discrete(12), "alarm": spaces.Discrete(2)}
        self.observation_space, self.action_space = spaces.Dict(parts), spaces.Discrete(3)

    def begin(self):
        self.place, self.speed = int(self.np_random.integers(4)), 0.0

    def observe(self):
        seen = {"speed": np.array([self.speed], np.float32), "alarm": int(self.place > 9), "place": self.place}
        return dict(reversed(seen.items())) if self.place % 2 else seen

    def move(self, action):
        self.speed = float(np.clip(self.speed + int(action) - 1, -2.0, 2.0))
        self.place = int(np.clip(self.place + self.speed, 0, 11))
        return self.place / 11

    def ends(self):
        return self.place == 11


class TupleOfActions(Play):
    """The action is a Tuple of a Discrete, a Box and a MultiBinary; the observation a Tuple of one part.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Tuple((spaces.Box(0.0, 10.0, (1,), np.float32),))
        lever = spaces.Box(0.0, 1.0, (1,), np.float32)
        self.action_space = spaces.Tuple((spaces.Discrete(2), lever, spaces.MultiBinary(2)))

    def begin(self):
        self.level = self.np_random.uniform(3.0, 7.0)

    def observe(self):
        return (np.array([self.level], np.float32),)

    def move(self, action):
        valve, lever, switches = action
        change = float(lever[0]) * (1 if valve else -1) + 0.1 * int(np.sum(switches))
        self.level = float(np.clip(self.level + change, 0.0, 10.0))
        return -abs(self.level - 5)

    def ends(self):
        return self.level in (0.0, 10.0)


class SequenceOfActions(Play):
    """The action is a plan of any length, the empty one included.

    Odd: yes
    """

    limit = 20

    def __init__(self):
        self.observation_space = spaces.Discrete(21, start=-10)
        self.action_space = spaces.Sequence(spaces.Discrete(3, start=-1))

    def begin(self):
        self.place = int(self.np_random.integers(-3, 4))

    def observe(self):
        return self.place

    def move(self, action):
        for move in action:
            self.place = max(-10, min(10, self.place + int(move)))
        return -0.1 * len(action) - abs(self.place) / 10

    def ends(self):
        return abs(self.place) == 10


class VideoObservation(Play):
    """The observation is a clip: four pictures, channels first, as one array with four dimensions.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Box(0, 255, (4, 1, 10, 12), np.uint8)
        self.action_space = spaces.Discrete(3)

    def begin(self):
        self.row, self.column = 0, int(self.np_random.integers(12))
        self.clip = [self.picture()] * 4

    def picture(self):
        frame = np.full((1, 10, 12), 20, np.uint8)
        frame[0, self.row, self.column] = 255
        return frame

    def observe(self):
        return np.stack(self.clip)

    def move(self, action):
        self.row += 1
        self.column = (self.column + int(action) - 1) % 12
        self.clip = [*self.clip[1:], self.picture()]
        return 1.0 if self.ends() and self.column < 4 else 0.0

    def ends(self):
        return self.row == 9
