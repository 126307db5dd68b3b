import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import NoFiniteModel
from envkit.core.model import mdp, no_model_text, no_table_text

FINITE = spaces.Discrete(3)
BOUNDED, UNBOUNDED = spaces.Box(-1, 1, (2,)), spaces.Box(-np.inf, np.inf, (4,), np.float64)


def env(observation, action=FINITE):
    made = gymnasium.Env()
    made.observation_space, made.action_space = observation, action
    return made


@pytest.mark.parametrize(
    "observation",
    [FINITE, spaces.Text(3), spaces.Sequence(FINITE), spaces.Tuple([FINITE, spaces.MultiBinary(2)])],
    ids=lambda space: type(space).__name__,
)
def test_a_learner_is_advised_only_where_one_can_learn(observation):
    assert no_table_text(env(observation)) == ""
    assert no_model_text("pond", env(observation)).endswith("a learner needs none: --algo qlearning")


@pytest.mark.parametrize(
    ("observation", "action", "said"),
    [
        (
            UNBOUNDED,
            FINITE,
            "its observation is continuous, a Box of 4 numbers (float64), which no table can hold; wrap it in bins "
            "(--bins 10, or an ObservationWrapper to a Discrete space) and name the function: file.py:make",
        ),
        (
            BOUNDED,
            FINITE,
            "its observation is continuous, a Box of 2 numbers (float32), which no table can hold; wrap it in bins "
            "(--bins 10, or gymnasium.wrappers.DiscretizeObservation, or an ObservationWrapper to a Discrete space) and "
            "name the function: file.py:make",
        ),
        (
            spaces.Dict(place=FINITE, speed=UNBOUNDED),
            FINITE,
            "its observation['speed'] is continuous, a Box of 4 numbers (float64), which no table can hold; wrap it in "
            "bins (an ObservationWrapper to a Discrete space) and name the function: file.py:make",
        ),
        (
            spaces.Box(0, 255, (8, 8, 3), np.uint8),
            FINITE,
            "its observation is a Box of 8 x 8 x 3 numbers (uint8), which no table can hold; wrap it in bins "
            "(an ObservationWrapper to a Discrete space) and name the function: file.py:make",
        ),
        (
            spaces.Graph(FINITE, None),
            FINITE,
            "its observation is of the kind Graph, which no table can hold; turn it into numbered values "
            "(an ObservationWrapper to a Discrete space) and name the function: file.py:make",
        ),
        (
            FINITE,
            spaces.Tuple([FINITE, BOUNDED]),
            "its action[1] is continuous, a Box of 2 numbers (float32), which no table can hold; offer a few actions "
            "(an ActionWrapper from a Discrete space) and name the function: file.py:make",
        ),
        (
            FINITE,
            spaces.MultiBinary(20),
            "its action has 1,048,576 values, which no table can hold; offer a few actions "
            "(an ActionWrapper from a Discrete space) and name the function: file.py:make",
        ),
        (
            UNBOUNDED,
            BOUNDED,
            "its observation is continuous, a Box of 4 numbers (float64) and its action is continuous, a Box of 2 "
            "numbers (float32), which no table can hold; wrap it in bins (--bins 10, or an ObservationWrapper to a "
            "Discrete space), "
            "offer a few actions (gymnasium.wrappers.DiscretizeAction, or an ActionWrapper from a Discrete space) and "
            "name the function: file.py:make",
        ),
    ],
    ids=["unbounded", "bounded", "entry", "picture", "graph", "action", "many", "both"],
)
def test_what_no_table_can_hold_is_named_shortly_with_a_remedy_that_fits(observation, action, said):
    assert no_table_text(env(observation, action)) == said


def test_asking_for_a_model_that_is_not_there_gives_the_same_advice():
    with pytest.raises(NoFiniteModel, match=r"CartPole-v1 has no finite model.*its observation is continuous"):
        mdp("CartPole-v1")
