import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.authoring.discretizer import Discretizer, discretized
from envkit.core.errors import UsageError


class Point(gymnasium.Env):
    """Shows what it is told to."""

    action_space = spaces.Discrete(2)
    shown = (0.0, 0.0)

    def __init__(self, low=-1.0, high=1.0):
        self.observation_space = spaces.Box(np.float32(low), np.float32(high), (2,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.array(self.shown, np.float32), {}

    def step(self, action):
        return np.array(self.shown, np.float32), 0.0, False, False, {}


def seen(env, *numbers):
    env.unwrapped.shown = numbers
    return env.reset()[0]


def test_bins_are_of_equal_width_and_numbered_row_by_row():
    env = Discretizer(Point(), bins=(4, 2))
    assert env.observation_space == spaces.Discrete(8)
    xs = [seen(env, x, -1) for x in (-1, -0.51, -0.49, 0.1, 0.9, 1.0)]
    assert xs == [0, 0, 2, 4, 6, 6]
    assert [seen(env, -1, y) for y in (-1, -0.01, 0.01, 1)] == [0, 0, 1, 1]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_belongs_nowhere(wrong):
    with pytest.raises(ValueError, match=rf"the observation has {wrong:g} at \[1\], which belongs in no bin"):
        seen(Discretizer(Point(), bins=4), 0.5, wrong)
    assert seen(Discretizer(Point(), bins=4), 3e38, -3e38) == 12  # far out, but numbers


def test_an_observation_of_another_shape_is_told_with_both():
    with pytest.raises(ValueError, match=r"is of shape \(3,\), not \(2,\)"):
        seen(Discretizer(Point(), bins=4), 0.5, 0.5, 0.5)


def test_what_is_out_of_range_belongs_to_the_outermost_bin():
    env = Discretizer(Point(-np.inf, np.inf), bins=3, ranges={0: (0, 3), 1: (0, 3)})
    assert [seen(env, *numbers) for numbers in ((-9, -9), (9, 9), (1.5, 1.5))] == [0, 8, 4]


def test_edges_may_be_given():
    env = Discretizer(Point(), edges=([0.0], [-0.5, 0.1, 0.2]))
    assert env.observation_space == spaces.Discrete(8)
    assert [seen(env, *numbers) for numbers in ((-1, -1), (0, -0.5), (0.3, 0.15), (0.3, 0.9))] == [0, 5, 6, 7]


def test_tilings_are_shifted_so_that_neighbours_share_most():
    env = Discretizer(Point(), bins=4, tilings=8)
    assert env.observation_space.nvec.shape == (8,)
    here, near, far = (seen(env, x, 0.1) for x in (0.1, 0.16, 0.9))
    assert 0 < (here != near).sum() <= 2
    assert (here != far).all()
    assert all(env.observation_space.contains(seen(env, x, y)) for x in (-1, 0, 1) for y in (-1, 0.3, 1))


def test_tilings_are_finer_together_than_one_alone():
    env = Discretizer(Point(), bins=2, tilings=4)
    kinds = {tuple(seen(env, x, 0.0)) for x in np.linspace(-1, 1, 400)}
    assert len(kinds) == 2 * 4


def test_infinite_bounds_are_measured_for_the_command_line():
    env = discretized("CartPole-v1", bins=5)
    assert env.observation_space == spaces.Discrete(625)
    assert env.grids[0][1].tolist() == discretized("CartPole-v1", bins=5).grids[0][1].tolist()
    assert 0.5 < env.grids[0][1][-1] < 4
    env.close()


def test_a_range_that_is_given_is_not_measured():
    env = discretized("CartPole-v1", bins=(1, 1, 1, 4), ranges={"3": [-2, 2]})
    assert env.grids[0][3].tolist() == [-1, 0, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Discretizer(gymnasium.make("FrozenLake-v1")), r"only a Box can be put into bins.*Discrete\(16\)"),
        (lambda: Discretizer(Point(), bins=0), r"bins is 0, not a whole number of at least 1, nor 2 of them"),
        (lambda: Discretizer(Point(), bins=(2, 2, 2)), r"bins is \(2, 2, 2\), not a whole number"),
        (lambda: Discretizer(Point(), tilings=0), r"tilings is 0, not a whole number of at least 1"),
        (
            lambda: Discretizer(Point(-np.inf)),
            r"number 0 of the observation has no finite bounds.*ranges=\{0: \(-1, 1\)\}",
        ),
        (
            lambda: Discretizer(Point(), ranges={1: (2, 1)}),
            r"the range of number 1 is 2 to 1, not two finite numbers that",
        ),
        (lambda: Discretizer(Point(), edges=([0],)), r"edges are given for 1 numbers, and the observation has 2"),
        (
            lambda: Discretizer(Point(), edges=([0], [1, 1])),
            r"the edges of number 1 are \[1, 1\], not finite numbers",
        ),
        (lambda: Discretizer(Point(), edges=([0], [1]), tilings=2), r"with edges there is one tiling"),
        (lambda: Discretizer(Point(), bins=2**32), r"1.84e\+19 bins in all are more than can be numbered"),
    ],
)
def test_what_cannot_be_divided_is_refused_with_the_remedy(make, message):
    with pytest.raises(UsageError, match=message):
        make()
