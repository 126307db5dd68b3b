"""REINFORCE and the actor-critic: the numbers of the book, and that they learn."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.deep.policy_gradient import ActorCritic, Reinforce, discounted, normalized
from envkit.workflows.solve import solve

CORRIDOR = str(Path(__file__).parent / "training_games.py") + ":Corridor"
COMMON = {"gamma": 0.9, "ent_coef": 0.0, "vf_coef": 0.5, "max_grad_norm": 0.5, "seed": 0}


def test_the_numbers_of_the_book():
    assert discounted([10, 0, -50], 0.8).tolist() == [-22, -40, -50]
    found = normalized([discounted([10, 0, -50], 0.8), discounted([10, 20], 0.8)])
    np.testing.assert_allclose(found[0], [-0.28435071, -0.86597718, -1.18910299], atol=1e-8)
    np.testing.assert_allclose(found[1], [1.26665318, 1.0727777], atol=1e-7)


def test_returns_that_do_not_differ_are_normalised_to_nothing():
    assert [list(part) for part in normalized([np.ones(2), np.ones(1)])] == [[0, 0], [0]]


def test_discounting_leaves_what_it_was_given():
    rewards = np.array([1.0, 2.0])
    discounted(rewards, 0.5)
    assert rewards.tolist() == [1, 2]


class Counting:
    """A callback that never has enough."""

    def update_locals(self, names):
        pass

    def on_step(self):
        return True


def made(kind, n_envs, **more):
    from stable_baselines3.common.env_util import make_vec_env

    from envkit.core.resolve import make

    vec = make_vec_env(lambda: make(CORRIDOR), n_envs=n_envs, seed=0)
    model = kind("MlpPolicy", vec, 1e-3, **COMMON, **more)
    model._setup_learn(1000, None)
    return model


@pytest.mark.parametrize(("n_envs", "episodes", "played"), [(1, 3, 3), (2, 3, 4), (4, 4, 4)])
def test_every_environment_plays_as_many_whole_episodes(n_envs, episodes, played):
    model = made(Reinforce, n_envs, n_episodes=episodes)
    assert model.play(Counting())
    assert len(model.episodes) == played
    for episode in model.episodes:
        assert 1 <= len(episode) <= 30
        assert all(reward == 0 for *_, reward in episode[:-1])
    assert model.num_timesteps >= sum(map(len, model.episodes))


def test_the_targets_of_the_actor_critic_are_n_step_returns(monkeypatch):
    model = made(ActorCritic, 2, n_steps=3)
    assert model.play(Counting())
    rewards = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    ends = [[False, False], [True, False], [False, True]]
    infos = [[{}, {}], [{}, {}], [{}, {"TimeLimit.truncated": True, "terminal_observation": model.steps[0][0][0]}]]
    model.steps = [
        (step[0], step[1], np.array(rewards[number]), np.array(ends[number]), infos[number])
        for number, step in enumerate(model.steps)
    ]
    taken = {}
    monkeypatch.setattr(model, "value", lambda observations: np.full(len(observations), 10.0))
    monkeypatch.setattr(
        model, "reinforce", lambda seen, actions, gains, targets: taken.update(targets=targets, gains=gains)
    )
    model.improve()
    first = [1 + 0.9 * 3, 3, 5 + 0.9 * 10]  # the second step ended it for good
    second = 6 + 0.9 * 10  # cut off by time, so that the critic says what might have come
    second = [2 + 0.9 * (4 + 0.9 * second), 4 + 0.9 * second, second]
    np.testing.assert_allclose(taken["targets"].reshape(3, 2).T, [first, second], rtol=1e-6)
    np.testing.assert_allclose(taken["gains"], taken["targets"] - 10)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("reinforce", {"n_envs": 5, "n_episodes": 10, "steps": 6000}),
        ("actor-critic", {"n_envs": 8, "n_steps": 5, "steps": 8000, "learning_rate": 3e-3}),
    ],
)
def test_it_learns(name, settings):
    run = solve("CartPole-v1", name, eval_episodes=20, run_dir=False, **settings)
    assert run.mean_return > 3 * run.random_return
