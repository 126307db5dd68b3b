"""Stopped and gone on with is the same as never stopped, bit for bit."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from tabular_models import random_model, teleport_grid

from envkit.core.errors import ArtifactRefused
from envkit.core.model import Model
from envkit.core.settings import settled
from envkit.runs.arrays import packed, unpacked
from envkit.tabular.keeping import Keeper, Stopped
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find
from envkit.workflows.algorithms import solvers

LEARNERS = [name for name, solver in solvers().items() if not solver.needs_model]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


class Drunk(gymnasium.Env):
    """A random walk with a drift, from 3 to 0 or 6; no model."""

    observation_space = spaces.Discrete(7)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 3
        return 3, {}

    def step(self, action):
        self.place += 1 if self.np_random.random() < (0.8 if action else 0.3) else -1
        return self.place, float(self.place == 6), self.place in (0, 6), False, {}


def learn(algorithm, *, mdp=None, env=None, keeper=None, episodes=400, engine="python"):
    solver = find(algorithm)
    model = None if mdp is None else Model(mdp)
    settings = settled(solver.settings, {})
    return solver.solve(
        Problem("the example", model, env, 3, episodes, settings, engine=engine, keeper=keeper or Keeper())
    )


def stopped(algorithm, path, after, **arguments):
    """Learns until it was asked `after` times whether to stop; what was kept lies at `path`."""
    asked = []

    def enough():
        asked.append(1)
        return len(asked) > after

    with pytest.raises(Stopped, match=r"stopped after [\d,]+ of 400 episodes"):
        learn(algorithm, keeper=Keeper(save=lambda arrays: path.write_bytes(packed(arrays)), asked=enough), **arguments)
    return unpacked(path)


@pytest.mark.parametrize("algorithm", LEARNERS)
def test_learning_on_a_model_goes_on_to_the_same_bits(algorithm, tmp_path, monkeypatch):
    monkeypatch.setattr("envkit.tabular.course.PYTHON_BLOCK", 64)  # so that it stops in the middle of episodes
    arguments = {"mdp": random_model(2, states=8, horizon=20, ending=0.05)}
    whole = learn(algorithm, **arguments)
    kept = stopped(algorithm, tmp_path / "kept.npz", 9, **arguments)
    assert 0 < kept["clock"][3] < 400
    again = learn(algorithm, keeper=Keeper(kept=kept), **arguments)
    assert again.values.tobytes() == whole.values.tobytes()
    assert again.curve.rows.tobytes() == whole.curve.rows.tobytes()
    assert again.steps == whole.steps


@pytest.mark.parametrize("algorithm", LEARNERS)
def test_learning_on_the_real_environment_goes_on_to_the_same_bits(algorithm, tmp_path):
    whole = learn(algorithm, env=Drunk())
    kept = stopped(algorithm, tmp_path / "kept.npz", 5, env=Drunk())
    assert kept["clock"][3] % 16 == 0
    again = learn(algorithm, env=Drunk(), keeper=Keeper(kept=kept))
    assert again.values.tobytes() == whole.values.tobytes()
    assert again.curve.rows.tobytes() == whole.curve.rows.tobytes()


def test_what_was_kept_in_python_goes_on_compiled(tmp_path, monkeypatch):
    monkeypatch.setattr("envkit.tabular.course.PYTHON_BLOCK", 64)
    arguments = {"mdp": random_model(2, states=8, horizon=20, ending=0.05)}
    kept = stopped("qlearning", tmp_path / "kept.npz", 9, **arguments)
    again = learn("qlearning", keeper=Keeper(kept=kept), engine="compiled", **arguments)
    assert again.values.tobytes() == learn("qlearning", **arguments).values.tobytes()


def test_observations_of_any_kind_are_kept(tmp_path):
    class Pairs(Drunk):
        observation_space = spaces.Tuple((spaces.Discrete(7), spaces.MultiBinary(2)))

        def reset(self, **kwargs):
            return (super().reset(**kwargs)[0], np.zeros(2, np.int8)), {}

        def step(self, action):
            place, *rest = super().step(action)
            return (place, np.array([place % 2, 1], np.int8)), *rest

    whole = learn("qlearning", env=Pairs())
    kept = stopped("qlearning", tmp_path / "kept.npz", 3, env=Pairs())
    assert learn("qlearning", env=Pairs(), keeper=Keeper(kept=kept)).q.tobytes() == whole.q.tobytes()


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    path = tmp_path / "kept.npz"
    for data in (b"", b"nonsense", packed({"clock": np.zeros(7)})[:-20]):
        path.write_bytes(data)
        with pytest.raises(ArtifactRefused, match=r"kept.npz is damaged, or not of envkit"):
            unpacked(path)
    np.savez(path, format=np.array(99))
    with pytest.raises(ArtifactRefused, match="is of version 99, and this envkit reads version 1"):
        unpacked(path)


def test_a_checkpoint_of_something_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("envkit.tabular.course.PYTHON_BLOCK", 64)
    kept = stopped("qlearning", tmp_path / "kept.npz", 3, mdp=random_model(2, states=8, horizon=20))
    with pytest.raises(ArtifactRefused, match="does not fit the run's configuration: it is of another model"):
        learn("qlearning", mdp=teleport_grid(), keeper=Keeper(kept=kept))
    with pytest.raises(ArtifactRefused, match="it is of another course"):
        learn("qlearning", mdp=random_model(2, states=8, horizon=20), episodes=50, keeper=Keeper(kept=kept))


def test_what_was_noted_is_kept_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("envkit.tabular.course.PYTHON_BLOCK", 64)
    mdp, solver = teleport_grid(), find("qlearning")

    def run(keeper):
        settings = settled(solver.settings, {})
        return solver.solve(
            Problem("grid", Model(mdp), None, 3, 400, settings, keeper=keeper, trace=("0,1",), pictures=True)
        )

    whole, asked, saved = run(Keeper()), [], {}
    with pytest.raises(Stopped):
        run(Keeper(save=saved.update, asked=lambda: asked.append(1) or len(asked) > 150))
    (tmp_path / "kept.npz").write_bytes(packed(saved))
    again = run(Keeper(kept=unpacked(tmp_path / "kept.npz")))
    assert 0 < len(saved["journal.frames.episodes"]) < len(whole.frames.episodes)
    assert again.curve.rows.tobytes() == whole.curve.rows.tobytes()
    for name, array in whole.frames.arrays().items():
        assert np.array_equal(array, again.frames.arrays()[name]), name
