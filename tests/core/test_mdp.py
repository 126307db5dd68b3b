"""A finite model is checked at construction, and is the same from outcomes, from a table and from arrays."""

import numpy as np
import pytest

import envkit
from envkit.core.errors import NoFiniteModel
from envkit.core.mdp import MDP, ModelError, Outcome

# Two rooms and an exit: action 0 stays, action 1 goes on, with a slip of a quarter.
TABLE = {
    0: {0: [(1.0, 0, -1.0, False)], 1: [(0.75, 1, -1.0, False), (0.25, 0, -1.0, False)]},
    1: {0: [(1.0, 1, -1.0, False)], 1: [(1.0, 2, 10.0, True)]},
    2: {0: [(1.0, 2, 0.0, True)], 1: [(1.0, 2, 0.0, True)]},
}


def arrays(**changes):
    model = MDP.from_table(TABLE, [1, 0, 0])
    names = ("next_state", "probability", "reward", "terminated", "available", "start")
    fields = {name: getattr(model, name).copy() for name in names}
    for name, change in changes.items():
        change(fields[name])
    return MDP(**fields)


def put(place, value):
    return lambda array: array.__setitem__(place, value)


def test_a_table_becomes_arrays():
    mdp = MDP.from_table(TABLE, [1, 0, 0], horizon=9)
    assert (mdp.num_states, mdp.num_actions, mdp.horizon) == (3, 2, 9)
    assert mdp.probability[0, 1].tolist() == [0.75, 0.25]
    assert mdp.next_state[0, 1].tolist() == [1, 0]
    assert mdp.terminated[1, 1].tolist() == [True, False]
    assert mdp.expected_reward.tolist() == [[-1, -1], [-1, 10], [0, 0]]
    assert not mdp.is_deterministic


def test_outcomes_give_the_same_model_as_the_table():
    def outcomes(state, action):
        return [Outcome(*row) for row in TABLE[state][action]]

    mdp = MDP.from_outcomes([(1.0, 0)], outcomes, 2)
    table = MDP.from_table(TABLE, [1, 0, 0])
    for name in ("next_state", "probability", "reward", "available", "start"):
        np.testing.assert_array_equal(getattr(mdp, name)[:2], getattr(table, name)[:2])


def test_states_are_found_and_named():
    rooms = {"hall": [Outcome(1.0, "door", 0.0)], "door": [Outcome(1.0, "street", 1.0, True)]}
    mdp = MDP.from_outcomes([(1.0, "hall")], lambda room, _: rooms[room], 1, action_names=("walk",))
    assert list(mdp.state_names) == ["hall", "door", "street"]
    assert mdp.action_name(0) == "walk"
    assert mdp.terminated[2].all()


def test_an_empty_answer_means_that_the_action_is_not_available():
    mdp = MDP.from_outcomes([(1.0, 0)], lambda s, a: [Outcome(1.0, 1 - s, 0.0)] if a <= s else [], 2)
    assert mdp.available.tolist() == [[True, False], [True, True]]


def test_only_what_can_be_visited_is_reachable():
    mdp = MDP.from_table(TABLE | {3: {0: [(1.0, 0, 0.0, False)], 1: [(1.0, 0, 0.0, False)]}}, [1, 0, 0, 0])
    assert mdp.reachable.tolist() == [True, True, False, False]


def test_a_limit_shortens_and_never_lengthens():
    mdp = MDP.from_table(TABLE, [1, 0, 0], horizon=10)
    assert mdp.limited(5).horizon == 5
    assert mdp.limited(50).horizon == 10
    assert mdp.limited(None) is mdp


def test_the_arrays_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        MDP.from_table(TABLE, [1, 0, 0]).reward[0] = 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"probability": put((0, 1, 0), 0.5)}, r"the sum of probability\[0, 1\] is 0.75, not 1; 1 of 6 are like it"),
        ({"probability": put((0, 1, 0), -0.5)}, r"probability\[0, 1, 0\] is -0.5, not a probability"),
        ({"probability": put((0, 1, 0), np.nan)}, r"probability\[0, 1, 0\] is nan, not a probability"),
        ({"reward": put((1, 1, 0), np.inf)}, r"reward\[1, 1, 0\] is inf, not a finite number; 1 of 12"),
        ({"next_state": put((0, 0, 0), 7)}, r"next_state\[0, 0, 0\] is 7, not a state from 0 to 2"),
        ({"start": put(0, 0.5)}, "start sums to 0.5, not 1"),
        ({"available": put(1, False)}, r"the number of available actions of state\[1\] is 0, not 1 or more"),
    ],
)
def test_a_bad_row_is_named(changes, text):
    with pytest.raises(ModelError, match=text):
        arrays(**changes)


def test_a_wrong_shape_is_named():
    with pytest.raises(ModelError, match=r"reward has shape \(1,\), but next_state asks for \(1, 1, 1\)"):
        MDP(
            np.zeros((1, 1, 1), int),
            np.ones((1, 1, 1)),
            np.zeros(1),
            np.ones((1, 1, 1), bool),
            np.ones((1, 1), bool),
            np.ones(1),
        )


def test_dynamics_without_an_end_are_stopped():
    with pytest.raises(ModelError, match="more than 100 states were found"):
        MDP.from_outcomes([(1.0, 0)], lambda s, _: [Outcome(1.0, s + 1, 0.0)], 1, most_states=100)


def test_the_model_of_a_named_environment_has_its_limit():
    mdp = envkit.mdp("FrozenLake-v1")
    assert (mdp.num_states, mdp.num_actions, mdp.horizon) == (16, 4, 100)
    assert envkit.mdp("CliffWalking-v1").horizon is None


def test_an_environment_without_a_model_is_named():
    with pytest.raises(NoFiniteModel, match=r"CartPole-v1 has no finite model: .* wrap it in bins"):
        envkit.mdp("CartPole-v1")


# Arrays as textbooks and other libraries have them

UNPAID = np.zeros((3, 2, 3))
UNPAID[2, 1, 0] = np.inf
FOREST = np.array([[[0.1, 0.9, 0], [1, 0, 0]], [[0.1, 0, 0.9], [1, 0, 0]], [[0.1, 0, 0.9], [1, 0, 0]]])


@pytest.mark.parametrize(
    "reward",
    [
        [[0, 0], [0, 1], [4, 2]],
        [[[0] * 3, [0] * 3], [[0] * 3, [1] * 3], [[4] * 3, [2] * 3]],
    ],
    ids=["of state and action", "of the next state too"],
)
def test_matrices_become_a_model(reward):
    mdp = MDP.from_matrices(FOREST, reward)
    assert mdp.probability.shape == (3, 2, 2)
    assert mdp.expected_reward.tolist() == [[0, 0], [0, 1], [4, 2]]
    rebuilt = np.zeros((3, 2, 3))
    for s, a, k in np.ndindex(3, 2, 2):
        rebuilt[s, a, mdp.next_state[s, a, k]] += mdp.probability[s, a, k]
    assert rebuilt.tolist() == FOREST.tolist()
    assert mdp.start.tolist() == [1, 0, 0]


def test_matrices_may_say_where_it_ends_and_what_cannot_be_done():
    chances = np.array([[[0, 1.0], [0, 0]], [[0, 1.0], [1.0, 0]]])
    mdp = MDP.from_matrices(chances, [5.0, 7.0], terminal=[1], start=[0.5, 0.5])
    assert mdp.available.tolist() == [[True, False], [True, True]]
    assert mdp.terminated[0, 0].tolist() == [True]
    assert mdp.expected_reward[1].tolist() == [7, 7]
    assert mdp.start.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"transition": np.zeros((2, 2)), "reward": [0, 0]}, r"transition has shape \(2, 2\), not \[states, actions"),
        ({"transition": FOREST, "reward": [[1, 2]]}, r"reward has shape \[1, 2\], not \[3\], \[3, 2\] or \[3, 2, 3\]"),
        ({"transition": FOREST / 2, "reward": [0] * 3}, r"the sum of probability\[0, 0\] is 0.5, not 1; 6 of 6"),
        ({"transition": FOREST, "reward": [0] * 3, "start": 3}, r"start is 3, not a state from 0 to 2"),
        ({"transition": FOREST, "reward": [0] * 3, "terminal": [9]}, r"terminal has 9, not a state from 0 to 2"),
        ({"transition": FOREST, "reward": [0] * 3, "horizon": 2.5}, r"horizon is 2.5, not a whole number of steps"),
        ({"transition": FOREST, "reward": UNPAID}, r"reward of action 1 in state 2 on the way to 0 is inf"),
    ],
)
def test_bad_matrices_are_refused_with_what_is_wrong(arguments, message):
    with pytest.raises(ModelError, match=message):
        MDP.from_matrices(**arguments)


def test_a_model_too_large_is_refused_before_its_outcomes_are_asked_for(monkeypatch):
    monkeypatch.setattr("envkit.core.mdp._free_memory", lambda: 5e8)

    def asked(state, action):
        raise AssertionError("it was asked")

    with pytest.raises(ModelError, match=r"200,000,000 states, 4 actions and up to 1 .* take about .* GB"):
        MDP.from_outcomes([(1.0, 0)], asked, 4, states=range(200_000_000))
    grid = envkit.make("gridworld", rows=1500, columns=1500)
    with pytest.raises(ModelError, match=r"2,250,000 states, 4 actions .* take about 0.963 GB, and 0.5 GB are free"):
        grid.unwrapped.mdp()


def test_a_model_too_large_for_the_memory_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr("envkit.core.mdp._free_memory", lambda: 1e3)
    with pytest.raises(
        ModelError, match=r"3 states, 2 actions and up to 2 outcomes.*take about 1.09e-06 GB, and 1e-06 GB"
    ):
        MDP.from_matrices(FOREST, [0, 0, 0])
