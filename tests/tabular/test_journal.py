"""What is noted while something is learnt."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from tabular_models import chain_of, random_model, teleport_grid

from envkit.core.model import Model
from envkit.core.settings import settled
from envkit.tabular.evaluation import evaluate_policy
from envkit.tabular.infinite import optimum
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find


def learn(algorithm, mdp=None, *, env=None, episodes=400, trace=(), pictures=False, engine="python", **hyper):
    solver = find(algorithm)
    model = None if mdp is None else Model(mdp)
    settings = settled(solver.settings, hyper)
    return solver.solve(
        Problem("the example", model, env, 3, episodes, settings, engine=engine, trace=trace, pictures=pictures)
    )


def test_the_value_error_is_the_root_mean_square_over_the_states_that_can_be_reached():
    mdp = random_model(4, states=6, horizon=30)
    result = learn("qlearning", mdp, discount=0.9)
    off = (result.q.max(axis=1) - optimum(mdp.unlimited, 0.9).value)[mdp.reachable]
    assert result.curve["value_error"][-1] == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-12)
    assert len(result.curve) == 100


def test_it_falls_to_nothing_where_all_is_learnt():
    error = learn("qlearning", teleport_grid(), episodes=2_000).curve["value_error"]
    assert error[0] > 3
    assert error[-1] == 0


def test_a_predictor_is_judged_by_what_choosing_at_random_earns():
    mdp = random_model(4, states=6, horizon=30)
    result = learn("td0", mdp, discount=0.9, episodes=4_000)
    known = evaluate_policy(mdp.unlimited, mdp.available / mdp.available.sum(axis=1, keepdims=True), discount=0.9).value
    off = (result.values - known)[mdp.reachable]
    assert result.curve["value_error"][-1] == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-12)
    assert "epsilon" not in result.curve.columns


def test_what_explores_and_how_large_steps_are_is_noted():
    result = learn("qlearning", chain_of([0.0, 1.0]), episodes=10, epsilon="linear(1, 0, 5)", step_size="1/n")
    assert result.curve["epsilon"] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0, 0])
    assert np.isnan(result.curve["step_size"]).all()  # each state and action has its own
    other = learn("qlearning", chain_of([0.0, 1.0]), episodes=10, bonus=2, step_size="linear(1, 0, 20) by steps")
    assert other.curve["bonus"].tolist() == [2] * 10
    assert other.curve["step_size"] == pytest.approx(1 - (2 * np.arange(1, 11) - 1) / 20)


def test_watched_values_come_with_what_they_should_be():
    # With a step size of one half and a sure reward of 1 a value is 1 - 2^-n after n episodes.
    mdp = chain_of([0.0, 1.0])
    result = learn("qlearning", mdp, episodes=5, step_size=0.5, discount=0.5, trace=("0,0", "1"))
    assert result.curve["v[1]"].tolist() == [0.5, 0.75, 0.875, 0.9375, 0.96875]
    assert result.curve["q[0,0]"].tolist() == [0, 0.125, 0.25, 0.34375, 0.40625]
    assert result.exact == {"q[0,0]": 0.5, "v[1]": 1.0}


class Steps(gymnasium.Env):
    """No model; two steps, of which the second pays 1."""

    observation_space = spaces.Discrete(3)
    action_space = spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return 0, {}

    def step(self, action):
        self.place += 1
        return self.place, float(self.place == 2), self.place == 2, False, {}


def test_they_are_watched_on_the_real_environment_too():
    result = learn("qlearning", env=Steps(), episodes=3, step_size=0.5, discount=1, trace=("1,0", "2"))
    assert result.curve["q[1,0]"].tolist() == [0.5, 0.75, 0.875]
    assert "value_error" not in result.curve.columns
    nowhere = learn("qlearning", env=Steps(), episodes=3, trace=("7",))
    assert np.isnan(nowhere.curve["v[7]"]).all()


def test_pictures_end_with_what_was_learnt_and_are_the_same_however_it_was():
    plain, fast = (learn("sarsa", teleport_grid(), pictures=True, engine=engine) for engine in ("python", "compiled"))
    frames = plain.frames
    assert frames.episodes[0] == 4
    assert frames.episodes[-1] == 400
    assert frames.values[-1].tolist() == plain.q.max(axis=1).astype(np.float32).tolist()
    assert frames.action[-1].tolist() == plain.policy.action.tolist()
    assert frames.visits[-1].sum() == plain.steps == plain.visits.sum()
    assert (np.diff(frames.visits.sum(axis=1)) > 0).all()
    for name, array in frames.arrays().items():
        assert np.array_equal(array, fast.frames.arrays()[name]), name


def test_without_being_asked_there_are_none():
    assert learn("sarsa", teleport_grid()).frames is None
