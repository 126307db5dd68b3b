"""A policy of observations as a table of the model, and so the exact answers about it."""

import numpy as np
import pytest

from envkit.core.model import model_of
from envkit.core.policy import RandomPolicy
from envkit.core.ref import EnvRef
from envkit.tabular.exact import exact
from envkit.workflows import tabulated as module
from envkit.workflows.evaluate import evaluate
from envkit.workflows.tabulated import tabulated


class Rule:
    """The same answer to the same observation, which nobody has to have thought about."""

    deterministic = True

    def __init__(self, answer):
        self.answer = answer

    def start(self, rng):
        return self

    def act(self, observation, info):
        return self.answer(observation)


def table_of(name, policy, **kwargs):
    env = EnvRef.of(name, **kwargs).make()
    model = model_of(env)
    return tabulated(policy, env, name, model), model, env


@pytest.mark.parametrize("name", ["catch", "shower", "whack", "nim", "FrozenLake-v1", "gridworld"])
def test_what_it_earns_exactly_is_what_it_earns_on_average(name):
    env = EnvRef.of(name).make()
    model = model_of(env)
    choices = np.random.default_rng(1).integers(0, model.mdp.num_actions, model.mdp.num_states)
    choices = np.where(model.mdp.available[np.arange(len(choices)), choices], choices, model.mdp.available.argmax(1))
    state_of, decode = model.state_of or int, model.decode or int
    policy = Rule(lambda observation: decode(int(choices[state_of(observation)])))
    table = tabulated(policy, env, name, model)
    assert table is not None
    answer = exact(model.mdp, table, 1.0).policy_return
    played = evaluate(policy, EnvRef.of(name), episodes=400, seed=3)
    error = played.std / np.sqrt(400)
    assert abs(answer - played.mean) <= 4 * error + 1e-9


def test_only_what_always_answers_the_same_is_a_table():
    env = EnvRef.of("FrozenLake-v1").make()
    assert table_of("FrozenLake-v1", RandomPolicy(env.action_space))[0] is None


def test_an_answer_that_the_model_does_not_know_makes_none():
    assert table_of("FrozenLake-v1", Rule(lambda observation: 9))[0] is None
    assert table_of("FrozenLake-v1", Rule(lambda observation: 2))[0] is not None


def test_a_state_that_was_never_met_makes_none(monkeypatch):
    monkeypatch.setattr(module, "MOST_STEPS", 3)
    assert table_of("catch", Rule(lambda observation: 1))[0] is None


def test_what_comes_after_the_time_limit_need_not_be_met():
    """Going right for ever reaches far cells of the lake; within two steps it does not."""
    table, model, _ = table_of("CliffWalking-v1 with max-steps=2", Rule(lambda observation: 0))
    assert model.mdp.horizon == 2
    assert table is not None
