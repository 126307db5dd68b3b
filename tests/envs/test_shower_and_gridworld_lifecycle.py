"""Both are good citizens: checked by Gymnasium, repeatable, copied and pickled at any time, alone or in company."""

import copy
import hashlib
import os
import pickle
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import envkit.envs  # noqa: F401 - registers them

VARIANTS = [
    ("envkit/Shower-v0", {}),
    ("envkit/Shower-v0", {"noise": "after"}),
    ("envkit/Shower-v0", {"noise": "before", "outside_reward": 0}),
    ("envkit/Shower-v0", {"tap": "continuous"}),
    ("envkit/GridWorld-v0", {}),
    ("envkit/GridWorld-v0", {"slip": 0.3}),
    ("envkit/GridWorld-v0", {"map": "S.a#/b##./A.GB"}),
]
every_variant = pytest.mark.parametrize(("id", "kwargs"), VARIANTS, ids=lambda value: str(value))

FRAMES = """
import gymnasium, hashlib, envkit.envs
for id in ("envkit/Shower-v0", "envkit/GridWorld-v0"):
    env = gymnasium.make(id, render_mode="rgb_array")
    env.reset(seed=4)
    for action in (0, 1, 2):
        env.step(action)
    print(hashlib.sha256(env.render().tobytes()).hexdigest())
"""


def actions(env, seed, count):
    env.action_space.seed(seed)
    return [env.action_space.sample() for _ in range(count)]


def told(env, script):
    """What an environment says to a script of actions, in comparable form."""
    said = []
    for action in script:
        observation, reward, terminated, truncated, info = env.step(action)
        said.append((np.asarray(observation).tolist(), reward, terminated, truncated, info))
    return said


@every_variant
def test_gymnasium_has_nothing_to_say(id, kwargs, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make(id, **kwargs)
    check_env(env.unwrapped)  # warnings are errors in this suite
    env.close()


@every_variant
@pytest.mark.parametrize("again", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
def test_a_copy_in_the_middle_of_an_episode_goes_on_alike(id, kwargs, again):
    env = gymnasium.make(id, render_mode="rgb_array", **kwargs).unwrapped
    env.reset(seed=1)
    told(env, actions(env, 0, 10))
    env.render()
    twin = again(env)
    np.testing.assert_array_equal(twin.render(), env.render())
    script = actions(env, 1, 70)
    assert told(twin, script) == told(env, script)
    assert twin.reset()[1] == env.reset()[1]


@every_variant
def test_one_seed_tells_one_story_also_with_somebody_else_in_between(id, kwargs):
    alone, one, other = (gymnasium.make(id, **kwargs).unwrapped for _ in range(3))
    script = actions(alone, 2, 60)
    alone.reset(seed=7)
    story = told(alone, script)
    one.reset(seed=7)
    other.reset(seed=8)
    interleaved = []
    for action in script:
        interleaved += told(one, [action])
        told(other, [action])
    assert interleaved == story
    alone.reset(seed=7)
    assert told(alone, script) == story


def test_every_process_draws_the_same_frames():
    there = subprocess.run(
        [sys.executable, "-c", FRAMES],
        env={**os.environ, "PYTHONHASHSEED": "123"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = []
    for id in ("envkit/Shower-v0", "envkit/GridWorld-v0"):
        env = gymnasium.make(id, render_mode="rgb_array")
        env.reset(seed=4)
        for action in (0, 1, 2):
            env.step(action)
        here.append(hashlib.sha256(env.render().tobytes()).hexdigest())
    assert there.stdout.split()[-2:] == here


def test_drawing_needs_no_display_and_not_even_pygames_video():
    program = FRAMES + "import pygame; assert not pygame.display.get_init(); print('headless')"
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "headless"


def test_importing_them_loads_no_pygame():
    program = "import sys, envkit.envs.shower, envkit.envs.gridworld; print('pygame' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
