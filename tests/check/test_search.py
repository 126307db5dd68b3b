"""The search reaches what no sampling reaches, and says what it has covered."""

import gymnasium as gym
import numpy as np
import pytest

from envkit.check.acting.actions import all_actions
from envkit.check.api import check
from envkit.check.judging import fingerprint
from envkit.check.judging.fingerprint import Opaque


class Room(gym.Env):
    """Nine by nine cells; the start is one corner, the goal the opposite one."""

    size = 9
    slip = 0.0

    def __init__(self):
        self.observation_space = gym.spaces.MultiDiscrete([self.size, self.size])
        self.action_space = gym.spaces.Discrete(4)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = np.array([0, 0]), 0
        return self.place.copy(), {}

    def step(self, action):
        if self.slip and self.np_random.random() < self.slip:
            action = (action + 1) % 4
        move = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)][action])
        self.place, self.steps = np.clip(self.place + move, 0, self.size - 1), self.steps + 1
        goal = bool((self.place == self.size - 1).all())
        return self.place.copy(), self.reward(action, goal), goal, self.steps >= 200, {}

    def reward(self, action, goal):
        return 1.0 if goal else -0.1


class OneBadMove(Room):
    def reward(self, action, goal):
        return float("nan") if tuple(self.place) == (8, 7) and action == 0 else super().reward(action, goal)


class Slippery(Room):
    slip = 0.2


class Endless(Room):
    """Counts what it was paid, so no state comes back."""

    paid = 0.0

    def reward(self, action, goal):
        self.paid += 0.1
        return super().reward(action, goal)


class Hall(gym.Env):
    """A continuous corridor in which only a long walk to the right gets far; at its end the observation breaks out."""

    def __init__(self):
        self.observation_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x, self.steps = 0.0, 0
        return np.array([self.x], np.float32), {}

    def step(self, action):
        self.x, self.steps = max(self.x + 0.06 * float(np.clip(action[0], -1, 1)) - 0.02, -1.0), self.steps + 1
        return np.array([self.x], np.float32), -self.x, False, self.steps >= 100, {}


def test_a_fault_in_one_state_for_one_action_is_found_by_the_shortest_way():
    finding = check(OneBadMove, isolation=False).findings[0]
    assert finding.code == "EK505"
    assert len(finding.case.last.actions) == 15  # seven right, seven up, and the move itself


def test_every_state_and_action_of_a_deterministic_environment_is_proved():
    coverage = check(Room, isolation=False).coverage
    assert (coverage["states"], coverage["actions"], coverage["proved"]) == (80, 4, True)


def test_nothing_is_proved_where_chance_takes_part():
    coverage = check(Slippery, isolation=False).coverage
    assert (coverage["actions"], coverage["proved"]) == (4, False)


def test_nothing_is_proved_where_the_states_never_end():
    coverage = check(Endless, isolation=False).coverage
    assert coverage["proved"] is False


def test_what_only_a_long_walk_reaches_is_found():
    finding = check(Hall, isolation=False).findings[0]
    assert finding.code == "EK301"
    assert len(finding.case.last.actions) == 26  # each at most 0.04 further, so 1 is passed at the 26th


@pytest.mark.parametrize(
    ("space", "count"),
    [
        (gym.spaces.Discrete(5), 5),
        (gym.spaces.Discrete(1000), 0),
        (gym.spaces.MultiDiscrete([2, 3]), 6),
        (gym.spaces.MultiBinary(3), 8),
        (gym.spaces.Box(0, 1, (1,)), 0),
    ],
    ids=str,
)
def test_small_spaces_are_tried_whole(space, count):
    actions = all_actions(space)
    assert len(actions) == count
    assert all(space.contains(action) for action in actions)


def test_a_fingerprint_tells_states_apart_and_nothing_else():
    one, other = Room(), Room()
    one.reset(seed=1)
    other.reset(seed=2)
    assert fingerprint.attributes(one) == fingerprint.attributes(other)
    other.step(0)
    assert fingerprint.attributes(one) != fingerprint.attributes(other)


def test_what_cannot_be_read_is_said():
    room = Room()
    room.simulator = (number for number in range(3))
    with pytest.raises(Opaque):
        fingerprint.attributes(room)
