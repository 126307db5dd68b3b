"""What is searched: how it is typed, and what fits."""

from pathlib import Path

import pytest
from searches import CORRIDOR, SHORT

from envkit.cli.main import run
from envkit.workflows.algorithms import learners
from envkit.workflows.tune import tune
from envkit.workflows.tuning.dimensions import dimension
from envkit.workflows.tuning.space import known


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("gamma", "--search takes name=range, not 'gamma'; for example --search gamma=0.9:0.999"),
        ("gama=0.9:0.99", "hyper-parameter 'gama': did you mean 'gamma'?"),
        ("gamma=0.99:0.9", "the search gamma=0.99:0.9 cannot be: 0.99 is not below 0.9"),
        ("gamma=0.9:1.5", "the search gamma=0.9:1.5 cannot be: gamma is 1.5, not a number from 0 to 1"),
        ("gamma=0.9:0.99:lin", "a range ends with :log or :towards-1, not with :lin"),
        ("gamma=0:0.99:log", "with :log all is above 0, and 0 is not"),
        ("gamma=0.9:1:towards-1", "with :towards-1 all is below 1, and 1 is not"),
        ("gamma=0.9", "there is one value only, so --set fixes it; a search is LOW:HIGH"),
        ("gamma=0.9,", "gamma is ''"),
        ("net_arch=64,64", "there is one value only, so --set fixes it"),
        ("net_arch=64,64|wide", "net_arch is 'wide'; sizes of the hidden layers"),
        ("activation=1:2", "activation is no number (tanh, relu"),
        ("activation=tanh,tan", "activation 'tan': did you mean 'tanh'?"),
        ("n_steps=8.5:16", "n_steps is 8.5, not a whole number"),
        ("learning_rate=linear(0.1:0.2, 0)", "has 2 arguments; write linear(from, to, how long)"),
    ],
)
def test_a_search_that_is_none_is_told_in_one_line(capsys, typed, message):
    assert run(["tune", "CartPole-v1", "--algo", "ppo", "--search", typed]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not Path("tunes").exists()


@pytest.mark.parametrize("learner", learners().values(), ids=lambda one: one.name)
def test_what_is_searched_of_a_learner_fits_it(learner):
    by_name = {one.name: one for one in learner.settings}
    space = {name: dimension(by_name[name], typed) for name, typed in known(learner).items()}
    assert {"learning_rate", "gamma", "net_arch", "activation"} <= set(space) | ({"gamma"} - set(by_name))
    for name, one in space.items():
        assert dimension(by_name[name], one.typed) == one  # as config.json keeps it


def test_a_text_may_hold_ranges():
    dqn = {one.name: one for one in learners()["dqn"].settings}
    one = dimension(dqn["epsilon"], "linear(1, 0.01:0.2:log, 5:50%)")
    assert one.value({"epsilon.0": 0.0312345, "epsilon.1": 20.0}, "epsilon") == "linear(1, 0.0312, 20%)"
    assert one.params("linear(1, 0.05, 10%)", "epsilon") == {"epsilon.0": 0.05, "epsilon.1": 10.0}
    assert one.params("linear(1, 0.005, 10%)", "epsilon") == {}


def test_a_minibatch_is_never_larger_than_a_rollout():
    search = {"batch_size": "16,512", "n_steps": "8,16"}
    tuned = tune(CORRIDOR, "ppo", trials=4, search=search, n_epochs=1, net_arch="8", **SHORT)
    assert all(one.settings["batch_size"] <= 2 * one.settings["n_steps"] for one in tuned.attempts[1:])
