"""Each game of the tour has a known best return: its own best player reaches it, and nobody can do better."""

import gymnasium
import numpy as np
import pytest
from scipy.optimize import minimize

from envkit.core.catalogue import bundled_ids
from envkit.core.model import model_of
from envkit.envs.spaces.mooring import COST, EFFORT, FARTHEST, STEPS, Mooring

GAMES = [id for id in bundled_ids() if ".envs.spaces." in str(gymnasium.spec(id).entry_point)]
WITH_MODEL = [id for id in GAMES if hasattr(gymnasium.make(id).unwrapped, "mdp")]
ALWAYS_THE_SAME = ["Nim", "Catch", "Whack", "Golf", "Greenhouse", "Cipher", "Simon", "Translator"]
EPISODES = 30


def episode(env, act, seed):
    observation, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(act(observation))
        total, over = total + reward, terminated or truncated
    return total


def values(mdp):
    """The best return from each state within the horizon, by backward induction. [S]"""
    value = np.zeros(mdp.num_states)
    for _ in range(mdp.horizon or 50):
        q = mdp.expected_reward + np.einsum("sak,sak->sa", mdp.continues, value[mdp.next_state])
        value = np.where(mdp.available, q, -np.inf).max(axis=1)
    return value


def test_the_tour_has_all_its_stops():
    kinds = {gymnasium.make(id).unwrapped.SHOWS for id in GAMES}
    assert kinds == {
        "Discrete", "Discrete, start", "Box, vector", "Box, image", "MultiBinary", "MultiDiscrete", "Tuple", "Dict",
        "Dict, goals", "Text", "Sequence", "Graph", "OneOf",
    }  # fmt: skip


@pytest.mark.parametrize("name", ALWAYS_THE_SAME)
def test_the_best_player_gets_the_best_return_in_every_episode(name):
    env = gymnasium.make(f"envkit/{name}-v0")
    best = env.unwrapped
    returns = [episode(env, best.best_action, seed) for seed in range(EPISODES)]
    assert returns == pytest.approx([best.BEST_RETURN] * EPISODES)


@pytest.mark.parametrize("name", ALWAYS_THE_SAME)
def test_chance_never_gets_more_than_the_best_return(name):
    env = gymnasium.make(f"envkit/{name}-v0")
    env.action_space.seed(0)
    returns = [episode(env, lambda _: env.action_space.sample(), seed) for seed in range(EPISODES)]
    assert max(returns) <= env.unwrapped.BEST_RETURN
    assert np.mean(returns) < env.unwrapped.BEST_RETURN - 0.5


@pytest.mark.parametrize("id", WITH_MODEL)
def test_the_best_return_is_the_optimum_of_the_model(id):
    env = gymnasium.make(id)
    mdp = model_of(env).mdp
    assert mdp.start @ values(mdp) == pytest.approx(env.unwrapped.BEST_RETURN, abs=1e-12)


@pytest.mark.parametrize("id", WITH_MODEL)
def test_from_every_start_the_best_player_gets_the_value_of_the_state(id):
    env = gymnasium.make(id)
    model = model_of(env)
    value = values(model.mdp)
    for seed in range(EPISODES):
        state = model.state_of(env.reset(seed=seed)[0])
        assert episode(env, env.unwrapped.best_action, seed) == pytest.approx(value[state])


@pytest.mark.parametrize("id", WITH_MODEL)
def test_the_game_does_only_what_its_model_says(id):
    env = gymnasium.make(id)
    model = model_of(env)
    rng = np.random.default_rng(0)
    state = model.state_of(env.reset(seed=0)[0])
    assert model.mdp.start[state] > 0
    for _ in range(300):
        number = int(rng.integers(model.mdp.num_actions))
        action = number if model.decode is None else model.decode(number)
        observation, reward, terminated, truncated, _ = env.step(action)
        after = model.state_of(observation)
        place = (state, number)
        possible = (
            (model.mdp.probability[place] > 0)
            & (model.mdp.next_state[place] == after)
            & (model.mdp.terminated[place] == terminated)
            & np.isclose(model.mdp.reward[place], reward)
        )
        assert possible.any()
        state = model.state_of(env.reset()[0]) if terminated or truncated else after


@pytest.mark.parametrize("seed", range(10))
def test_mooring_costs_the_square_of_the_distance_times_the_regulators_cost(seed):
    env = Mooring()
    start = env.reset(seed=seed)[0]
    assert episode(env, env.best_action, seed) == pytest.approx(-COST * float(np.square(start[:2]).sum()), abs=1e-5)


def test_moorings_best_return_is_the_mean_over_its_starts():
    middles = (np.arange(1000) + 0.5) / 1000 * 2 * FARTHEST - FARTHEST
    assert pytest.approx(-2 * COST * np.square(middles).mean(), rel=1e-5) == Mooring.BEST_RETURN


def test_no_sequence_of_thrusts_does_better_than_the_regulator_from_the_farthest_start():
    def cost(thrusts):
        env = Mooring()
        env.reset(seed=0)
        env.place = np.array([FARTHEST, 0.0])
        return -sum(env.play(np.array([thrust, 0.0]))[0] for thrust in thrusts)

    best = minimize(cost, np.zeros(STEPS), bounds=[(-1, 1)] * STEPS, method="L-BFGS-B", options={"maxiter": 200})
    assert best.fun == pytest.approx(COST * FARTHEST**2, rel=1e-4)
    assert COST * FARTHEST**2 < 1  # so that it never pays to touch the quay
    assert np.abs(best.x).max() < 0.81
    assert EFFORT > 0
