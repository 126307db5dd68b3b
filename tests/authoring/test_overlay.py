"""The overlay writes on frames, and neither the episode nor anybody's generator notices."""

import gymnasium
import numpy as np
import pytest

import envkit.envs  # noqa: F401 - registers GridWorld
from envkit.authoring import Canvas, Overlay
from envkit.authoring.overlay import CORNERS, LINES

GRID = "envkit/GridWorld-v0"


def made(id=GRID, **kwargs):
    return gymnasium.make(id, render_mode="rgb_array", **kwargs)


def differs(env, corner="topleft"):
    """(rows, columns) that the overlay has written on, as bool arrays."""
    changed = np.any(env.render() != env.env.render(), axis=2)
    return np.any(changed, axis=1), np.any(changed, axis=0)


@pytest.mark.parametrize("corner", CORNERS)
def test_it_stands_in_its_corner_and_leaves_the_rest_alone(corner):
    env = Overlay(made(), corner=corner)
    env.reset(seed=0)
    env.step(1)
    rows, columns = differs(env)
    half = 256
    assert rows[half:].any() == corner.startswith("bottom") != rows[:half].any()
    assert columns[half:].any() == corner.endswith("right") != columns[:half].any()


def test_every_line_is_written_from_the_first_step_on(monkeypatch):
    told = []
    write = Canvas.text
    monkeypatch.setattr(Canvas, "text", lambda self, text, *a, **k: (told.append(text), write(self, text, *a, **k)))
    env = Overlay(made())
    env.reset(seed=0)
    env.render()
    assert told[-4:] == ["step", "0", "return", "0"]  # before them, once, what is written on the board itself
    env.step(1)
    env.step(2)
    told.clear()
    env.render()
    assert told == ["step", "2", "action", "2", "reward", "-1", "return", "-2"]
    env.reset()
    told.clear()
    env.render()
    assert told == ["step", "0", "return", "0"]


def test_only_the_lines_that_are_wanted_are_written():
    full, short = Overlay(made()), Overlay(made(), lines=["step"])
    for env in (full, short):
        env.reset(seed=0)
        env.step(1)
    assert differs(short)[0].sum() < differs(full)[0].sum() / 2
    none = Overlay(made(), lines=[])
    none.reset(seed=0)
    np.testing.assert_array_equal(none.render(), none.env.render())


def test_frames_stay_the_environments_and_the_callers():
    class Keeper(gymnasium.Wrapper):
        kept = np.full((100, 200, 3), 90, np.uint8)

        def render(self):
            return self.kept

    env = Overlay(Keeper(made()))
    env.reset(seed=0)
    frame = env.render()
    assert frame.min() < 90
    assert (Keeper.kept == 90).all()
    frame[:] = 0
    assert env.render().any()


@pytest.mark.parametrize("id", ["CartPole-v1", "Pendulum-v1", "FrozenLake-v1"])
def test_the_episode_is_the_one_without_it(id):
    plain, seen = gymnasium.make(id), Overlay(made(id))
    for env in (plain, seen):
        env.action_space.seed(1)
    np.testing.assert_array_equal(plain.reset(seed=7)[0], seen.reset(seed=7)[0])
    for _ in range(30):
        seen.render()
        (one, *ends), (other, *others) = (env.step(env.action_space.sample()) for env in (plain, seen))
        np.testing.assert_array_equal(one, other)
        assert ends == others
        if ends[1] or ends[2]:
            break
    assert plain.unwrapped.np_random.bit_generator.state == seen.unwrapped.np_random.bit_generator.state


def test_in_a_window_it_shows_every_step(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = Overlay(made(), human=True)
    assert env.render_mode == "human"
    env.reset(seed=0)
    for action in (1, 2):
        env.step(action)
        assert env.render() is None
        import pygame

        shown = pygame.surfarray.array3d(env._window._screen.window.get_surface()).swapaxes(0, 1)
        np.testing.assert_array_equal(shown, env._frame())
    window = env._window
    env.close()
    env.close()
    assert not window.is_open


def test_gymnasium_lists_its_frames():
    env = gymnasium.wrappers.RenderCollection(Overlay(made()))
    env.reset(seed=0)
    env.step(1)
    assert [frame.shape for frame in env.render()] == [(512, 512, 3)] * 2


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"lines": ["steps"]}, "a line of the overlay is 'steps', not one of step, action, reward, return"),
        ({"lines": "step"}, "lines is 'step', not a list; write \\['step'\\] if there is one"),
        ({"corner": "middle"}, "corner is 'middle', not one of topleft, topright, bottomleft, bottomright"),
    ],
)
def test_what_it_does_not_know_is_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        Overlay(made(), **kwargs)


def test_an_environment_without_frames_is_refused():
    with pytest.raises(ValueError, match="GridWorld was made with render_mode=None; make it with render_mode='rgb_"):
        Overlay(gymnasium.make(GRID))


def test_its_lines_are_documented():
    assert all(line in Overlay.__doc__ for line in LINES)
