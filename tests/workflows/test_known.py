"""Episodes that contradict a model are told; episodes that chance explains never are."""

import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import envkit
from envkit.core.mdp import MDP
from envkit.core.model import model_of
from envkit.core.policy import MixedPolicy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.workflows.evaluate import evaluate
from envkit.workflows.known import exact_answers


class Slot(gymnasium.Env):
    """One pull a game: it pays 1 with a chance, and the model says with which."""

    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(2)

    def __init__(self, pays=0.5, said=None, prize=1.0):
        self.pays, self.said, self.prize = pays, pays if said is None else said, prize

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        paid = self.np_random.random() < self.pays
        return 0, self.prize if paid else 0.0, True, False, {}

    def mdp(self):
        shape = (1, 2, 2)
        return MDP(
            next_state=np.zeros(shape, int),
            probability=np.broadcast_to([self.said, 1 - self.said], shape).copy(),
            reward=np.broadcast_to([self.prize, 0.0], shape).copy(),
            terminated=np.ones(shape, bool),
            available=np.ones(shape[:2], bool),
            start=np.ones(1),
        )


PULL, EITHER = TablePolicy(np.zeros(1, int)), MixedPolicy(np.full((1, 2), 0.5))


def notes(policy=PULL, episodes=100, seed=0, **slot):
    env = Slot(**slot)
    played = evaluate(policy, EnvRef.of(Slot, **slot), episodes=episodes, seed=seed)
    return exact_answers(model_of(env), policy, 1.0, played, "slots:Slot").notes


@pytest.mark.parametrize("policy", [PULL, EITHER], ids=["table", "mixed"])
def test_episodes_that_no_chance_explains_are_told_with_both_numbers(policy):
    (told,) = notes(policy, episodes=200, pays=0.5, said=0.9)
    assert re.match(r"200 episodes earned 0\.[45]\d* on average where the model says 0\.9, more than chance", told)
    assert told.endswith("envkit check slots:Slot --select EK911,EK918")


@pytest.mark.parametrize("episodes", [1, 2, 100])
def test_a_sure_return_that_is_another_is_told_from_the_first_episode_on(episodes):
    (told,) = notes(episodes=episodes, pays=1.0, said=1.0) or ("",)
    assert told == ""
    (told,) = notes(episodes=episodes, pays=0.0, said=1.0)
    assert "the model says 1," in told


@pytest.mark.parametrize("pays", [0.001, 0.01, 0.3, 0.5, 0.99, 0.999])
@pytest.mark.parametrize("episodes", [1, 5, 20, 100])
def test_what_chance_may_do_is_never_told(pays, episodes):
    told = [notes(episodes=episodes, seed=seed, pays=pays, prize=1000.0) for seed in range(60)]
    assert not any(told)


def test_reports_tell_it(tmp_path):
    slot = EnvRef.of(Slot, pays=0.2, said=0.8)
    solved = envkit.solve(slot, "value-iteration", run_dir=tmp_path / "run", eval_episodes=200)
    judged = envkit.evaluate(tmp_path / "run", slot, episodes=200)
    assert "more than chance explains" in str(solved)
    assert "more than chance explains" in str(judged)
