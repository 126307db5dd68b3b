"""Every number of an observation and of an action, with the names and units that documentation gives it."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.ref import EnvRef
from envkit.workflows.looking.rows import Row, observed, taken


class Shown(gymnasium.Env):
    def __init__(self, observation_space=None, action_space=None):
        self.observation_space = observation_space or spaces.Discrete(1)
        self.action_space = action_space or spaces.Discrete(1)


def of(env):
    """(observation, action) of an environment, with what they are after a seeded reset."""
    made = EnvRef.of(env).make()
    observation, _ = made.reset(seed=0)
    made.action_space.seed(0)
    return observed(made, observation), taken(made, made.action_space.sample())


def names(side):
    return [(row.place, row.name) for row in side.rows]


def test_cart_pole_is_as_its_table_says():
    observation, action = of("CartPole-v1")
    assert names(observation) == [
        ("[0]", "Cart Position"), ("[1]", "Cart Velocity"), ("[2]", "Pole Angle"), ("[3]", "Pole Angular Velocity"),
    ]  # fmt: skip
    position, velocity, angle, _ = observation.rows
    assert (position.low, position.high) == pytest.approx((-4.8, 4.8))
    assert (velocity.low, velocity.high, velocity.unit) == (None, None, "")
    assert (angle.high, angle.unit) == (pytest.approx(0.418879), "rad")
    assert position.once == "0.0137"
    assert names(action) == [("0", "Push cart to the left"), ("1", "Push cart to the right")]
    assert observation.is_named
    assert action.is_named


def test_units_come_from_their_column():
    car, _ = of("MountainCar-v0")
    assert [row.unit for row in car.rows] == ["m", "v"]
    _, torque = of("Acrobot-v1")
    assert {row.unit for row in torque.rows} == {"N m"}


def test_the_one_number_of_pendulum_s_action_is_its_torque():
    observation, action = of("Pendulum-v1")
    assert [row.name for row in observation.rows] == ["x = cos(theta)", "y = sin(theta)", "Angular Velocity"]
    assert [(row.place, row.name, row.low, row.high) for row in action.rows] == [("", "Torque", -2.0, 2.0)]


def test_the_parts_of_a_tuple_are_named_by_a_table_without_numbers():
    observation, action = of("Blackjack-v1")
    assert [(row.name, row.low, row.high) for row in observation.rows] == [
        ("Player current sum", 0, 31), ("Dealer showing card value", 0, 10), ("Usable Ace", 0, 1),
    ]  # fmt: skip
    assert names(action) == [("0", "Stick"), ("1", "Hit")]


def test_a_discrete_observation_is_one_row_whatever_lists_its_card_has():
    observation, action = of("Taxi-v4")
    assert names(observation) == [("", "")]
    assert (observation.rows[0].low, observation.rows[0].high) == (0, 499)
    assert observation.said[0].startswith("There are 500 discrete states")
    assert names(action)[4] == ("4", "Pickup passenger")


def test_actions_keep_their_numbers_and_have_one_row_where_they_have_no_names():
    assert names(of("lift")[1]) == [("-1", "down"), ("0", "wait"), ("1", "up")]
    coins = of("bitflip")[1]
    assert [(row.name, row.low, row.high) for row in coins.rows] == [("", 0, 5)]
    assert not coins.is_named


def test_the_entries_of_a_dict_have_its_keys():
    observation, action = of("greenhouse")
    assert [row.place for row in observation.rows] == ["moisture[0]", "moisture[1]", "moisture[2]", "night"]
    assert [row.place for row in action.rows] == ["lamp", "valves[0]", "valves[1]", "valves[2]"]


def test_choices_of_a_multi_discrete_action_are_named_as_its_card_lists_them():
    assert [row.name for row in of("crane")[1].rows] == [
        "up, stay, down",
        "left, stay, right",
        "hook open, hook closed",
    ]


def test_the_bundled_environments_name_their_numbers_and_units():
    observation, action = of("drone")
    assert [row.unit for row in observation.rows] == ["m", "m", "m/s", "m/s", "", "", "rad/s", ""]
    assert [row.name for row in action.rows] == ["left rotor", "right rotor"]
    for alias in ("crane", "drone", "golf", "mooring", "shower"):
        assert all(side.is_named for side in of(alias)), alias


def test_a_picture_is_one_row():
    (row,) = of("catch")[0].rows
    assert (row.low, row.high, row.once) == (0, 255, "array of shape (48, 48, 3), uint8")


@pytest.mark.parametrize("alias", ["cipher", "courier", "simon", "translator"])
def test_what_is_no_number_has_no_bounds(alias):
    (row,) = of(alias)[0].rows
    assert not row.is_number
    assert 0 < len(row.once) <= 40


def test_many_choices_are_one_row_with_the_widest_bounds():
    space = spaces.MultiDiscrete([3] * 64 + [7], start=[-1] * 65)
    side = observed(Shown(space), np.zeros(65, int))
    assert [(row.low, row.high) for row in side.rows] == [(-1, 5)]
    assert len(observed(Shown(spaces.MultiBinary(64)), np.zeros(64, np.int8)).rows) == 64


def test_without_a_value_the_rows_are_the_same_but_for_it():
    space = spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Tuple((spaces.Discrete(2), spaces.Text(3))))
    env = Shown(space)
    whole, bare = observed(env, space.sample()), observed(env, None)
    assert [row.once for row in bare.rows] == [""] * 4
    assert [row.place for row in bare.rows] == [row.place for row in whole.rows] == ["a[0]", "a[1]", "b[0]", "b[1]"]


class Listed(Shown):
    """Listed.

    Observation  Box:
                 - 0: height (m), which is above 0
                 - 1: speed
    """


class Named(Shown):
    """Named.

    ## Observation Space
    | Num | Name   | Observation          | Unit |
    |-----|--------|----------------------|------|
    | 0   | height | how far it is up     | m    |
    | 1   | speed  | how fast it is going | m/s  |
    | 2   | more   | than there are       |      |
    """


class TooShort(Shown):
    """Too short.

    ## Observation Space
    | Num | Observation |
    |-----|-------------|
    | 0   | height      |
    """


def test_a_list_names_the_numbers_and_one_that_does_not_fit_names_none():
    two = spaces.Box(-1, 1, (2,))
    assert [(row.name, row.unit) for row in observed(Listed(two), None).rows] == [("height", "m"), ("speed", "")]
    assert [row.name for row in observed(TooShort(two), None).rows] == ["", ""]
    assert [row.name for row in observed(Named(two), None).rows] == ["", ""]
    three = observed(Named(spaces.Box(-1, 1, (3,))), None)
    assert [(row.name, row.unit) for row in three.rows] == [("height", "m"), ("speed", "m/s"), ("more", "")]
    assert [row.name for row in observed(TooShort(spaces.Box(-1, 1, (1,))), None).rows] == ["height"]


def test_a_row_as_json_is_plain():
    assert Row("[0]", "x", None, 2.0, "m", "1").to_json() == {
        "place": "[0]", "name": "x", "low": None, "high": 2.0, "unit": "m", "once": "1",
    }  # fmt: skip
