"""What every bundled environment promises, tried on all of them: the contract of reset and step, and more."""

import copy
import importlib
import pickle
from functools import cache

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import envkit.testing
from envkit.authoring import Overlay
from envkit.core.catalogue import bundled_ids
from envkit.core.compare import first_difference

IDS = list(bundled_ids())
STEPS = 40


def render_modes(id):
    """As the class declares them: nothing is made while tests are collected."""
    module, _, name = str(gymnasium.spec(id).entry_point).partition(":")
    return getattr(importlib.import_module(module), name).metadata["render_modes"]


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture(params=IDS)
def id(request):
    return request.param


@cache
def actions(id):
    """A list of actions, the same for everybody."""
    space = make(id).action_space
    space.seed(7)
    return [space.sample() for _ in range(STEPS)]


def make(id, **kwargs):
    return gymnasium.make(id, disable_env_checker=True, **kwargs)


def play(env, actions, seed=None):
    """Everything the environment answers, with a reset at each end of an episode."""
    answers = [] if seed is None else [env.reset(seed=seed)]
    for action in actions:
        answers.append(env.step(copy.deepcopy(action)))
        if answers[-1][2] or answers[-1][3]:
            answers.append(env.reset())
    return answers


def test_it_keeps_the_contract_of_reset_and_step(id):
    envkit.testing.contract(id)()


def test_gymnasiums_checker_has_nothing_to_say(id):
    check_env(make(id).unwrapped)


def test_results_are_of_pythons_own_types(id):
    for answer in play(make(id), actions(id), seed=0):
        if len(answer) == 5:
            assert [type(part) for part in answer[1:]] == [float, bool, bool, dict]


def test_episodes_end(id):
    env = make(id)
    env.action_space.seed(0)
    env.reset(seed=0)
    assert any(any(env.step(env.action_space.sample())[2:4]) for _ in range(1000))


def test_one_seed_is_one_episode_and_another_seed_another(id):
    same, again, other = (play(make(id), actions(id), seed=seed) for seed in (3, 3, 4))
    assert first_difference(same, again) is None
    if not fixed_start(id):
        assert first_difference(same, other)


def fixed_start(id):
    """Whether nothing at all is drawn: the first observation and every step are certain."""
    env = make(id)
    env.reset(seed=0)
    before = copy.deepcopy(env.unwrapped.np_random.bit_generator.state)
    play(env, actions(id))
    return env.unwrapped.np_random.bit_generator.state == before


def test_a_state_is_restored_as_often_as_wanted_and_by_any_instance(id):
    env, other = make(id).unwrapped, make(id).unwrapped
    env.reset(seed=2)
    moves = actions(id)
    for action in moves[:7]:
        if any(env.step(action)[2:4]):
            env.reset()
    state = env.get_state()
    kept = copy.deepcopy(state)
    after = play(env, moves[7:])
    assert first_difference(state, kept) is None
    for again in (env, other, env):
        again.set_state(state)
        assert first_difference(play(again, moves[7:]), after) is None
    assert first_difference(state, kept) is None


def test_what_is_no_state_is_refused(id):
    with pytest.raises(ValueError, match="set_state of .* give it what get_state returned"):
        make(id).unwrapped.set_state({"place": 3})


def test_two_instances_do_not_disturb_each_other(id):
    alone = play(make(id), actions(id), seed=5)
    one, other = make(id), make(id)
    together = [one.reset(seed=5)]
    other.reset(seed=6)
    for action in actions(id):
        together.append(one.step(action))
        if together[-1][2] or together[-1][3]:
            together.append(one.reset())
        if any(other.step(action)[2:4]):
            other.reset()
    assert first_difference(alone, together) is None


def test_spaces_of_two_instances_are_equal_and_not_the_same_object(id):
    one, other = make(id), make(id)
    for mine, yours in ((one.action_space, other.action_space), (one.observation_space, other.observation_space)):
        assert mine == yours
        assert mine is not yours


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"]
)
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_a_copy_in_the_middle_of_an_episode_goes_on_in_the_same_way(id, duplicate, render_mode):
    env = make(id, render_mode=render_mode)
    play(env, actions(id)[:3], seed=1)
    if render_mode:
        env.render()
    twin = duplicate(env)
    assert first_difference(play(env, actions(id)), play(twin, actions(id))) is None
    if render_mode:
        assert np.array_equal(env.render(), twin.render())


def test_frames_are_pictures_of_one_size_and_the_same_when_nothing_happens(id):
    env = make(id, render_mode="rgb_array")
    env.reset(seed=0)
    first, again = env.render(), env.render()
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.shape[2] == 3
    assert min(first.shape[:2]) >= 64
    assert np.array_equal(first, again)
    assert not np.shares_memory(first, again)
    play(env, actions(id)[:10])
    assert env.render().shape == first.shape


def test_frames_show_what_happens(id):
    env = make(id, render_mode="rgb_array")
    env.reset(seed=0)
    frames = [env.render()]
    for action in actions(id)[:10]:
        over = any(env.step(action)[2:4])
        frames.append(env.render())
        if over:
            break
    assert len({frame.tobytes() for frame in frames}) > 1


def ways_to_look(id):
    """Every render mode, the lists of those that have one, and a panel on the frames."""
    modes = render_modes(id)
    return [*modes, *(f"{mode}_list" for mode in modes if mode != "human"), "overlay"]


SHOWN = {"rgb_array": np.ndarray, "overlay": np.ndarray, "human": type(None), "ansi": str}


@pytest.mark.parametrize(("id", "way"), [(id, way) for id in IDS for way in ways_to_look(id)])
def test_rendering_leaves_the_episode_and_the_generator_as_they_are(id, way):
    blind = make(id)
    unseen = play(blind, actions(id), seed=2)
    limit = gymnasium.spec(id).max_episode_steps
    env = type(blind.unwrapped)(render_mode="rgb_array" if way == "overlay" else way)
    env.metadata = {**env.metadata, "render_fps": 1000}
    looked_at = gymnasium.wrappers.TimeLimit(env, limit) if limit else env
    looked_at = Overlay(looked_at) if way == "overlay" else looked_at
    seen = [looked_at.reset(seed=2)]
    for action in actions(id):
        assert type(looked_at.render()) is SHOWN.get(way, list)
        seen.append(looked_at.step(copy.deepcopy(action)))
        if seen[-1][2] or seen[-1][3]:
            seen.append(looked_at.reset())
    state, other = (env.unwrapped.np_random.bit_generator.state for env in (blind, looked_at))
    looked_at.close()
    assert first_difference(unseen, seen) is None
    assert first_difference(state, other) is None


def test_it_can_be_closed_twice_and_before_it_was_used(id):
    env = make(id, render_mode="rgb_array")
    env.close()
    used = make(id, render_mode="rgb_array")
    used.reset(seed=0)
    used.render()
    used.close()
    used.close()
    assert used.observation_space is not None


def test_a_mode_that_is_not_offered_is_refused_by_name(id):
    with pytest.raises(ValueError, match="'hologram' is not one that .* offers: human, rgb_array"):
        type(make(id).unwrapped)(render_mode="hologram")


def test_two_can_run_in_one_vector(id):
    vector = gymnasium.make_vec(id, 2, vectorization_mode="sync")
    vector.reset(seed=0)
    vector.action_space.seed(0)
    for _ in range(5):
        _, rewards, *_ = vector.step(vector.action_space.sample())
        assert np.isfinite(rewards).all()
    vector.close()
