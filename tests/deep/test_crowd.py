"""What torch answers to many pictures at once is what NumPy answers to each."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from envkit.core.policy import crowd
from envkit.deep.crowd import NetworkCrowd
from envkit.workflows.solve import solve

COMMON = {"steps": 64, "eval_every": 0, "eval_episodes": 1, "run_dir": False}
SMALL = {"learning_starts": 16, "buffer_size": 100}


@pytest.fixture(autouse=True)
def _games(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)


def policy_of(algo, sees, **settings):
    return solve("training_games:Corridor", algo, env_kwargs={"sees": sees}, **COMMON, **settings).policy


@pytest.mark.parametrize(
    ("algo", "settings"),
    [
        ("ppo", {"n_steps": 32, "batch_size": 32}),
        ("double-dueling-dqn", SMALL),
        ("qr-dqn", SMALL | {"n_quantiles": 7}),
    ],
)
@pytest.mark.parametrize("drawn", [False, True])
def test_each_place_gets_the_action_that_it_would_get_alone(algo, settings, drawn):
    policy = replace(policy_of(algo, "image", **settings), deterministic=not drawn)
    draw = np.random.default_rng(0)
    pictures = list(draw.integers(256, size=(6, 40, 48, 3), dtype=np.uint8))
    rngs, same = ([np.random.default_rng(place) for place in range(9)] for _ in range(2))
    many = crowd(policy, rngs)
    assert isinstance(many, NetworkCrowd)
    places = [8, 0, 3, 4, 1, 2]
    for place in places:
        many.begin(place)
    alone = [policy.start(same[place]) for place in places]
    for _ in range(8):
        wanted = [actor.act(picture, {}) for actor, picture in zip(alone, pictures, strict=True)]
        assert many.act(places, pictures, [{}] * 6) == wanted


def test_small_networks_answer_one_by_one():
    policy = policy_of("ppo", "box", n_steps=32, batch_size=32)
    assert not isinstance(crowd(policy, [np.random.default_rng(0)]), NetworkCrowd)
