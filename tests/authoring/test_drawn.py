"""One `draw` gives every render mode, and rendering changes nothing."""

import copy
import os
import pickle
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.authoring.canvas import Canvas
from envkit.authoring.drawn import Background, DrawnEnv
from envkit.core.errors import UsageError

RED, BLACK = (200, 30, 30), (0, 0, 0)


class Walker(DrawnEnv):
    """A dot that walks to the right, sometimes twice as far."""

    metadata = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 50}  # noqa: RUF012
    canvas_size = (40, 24)

    def __init__(self, render_mode=None):
        super().__init__(render_mode=render_mode)
        self.observation_space, self.action_space = spaces.Discrete(100), spaces.Discrete(1)
        self.place, self.drawn, self.backgrounds = 0, 0, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        self.place = 2
        self.show()
        return self.place, {}

    def step(self, action):
        self.place += int(self.np_random.integers(1, 3))
        self.show()
        return self.place, 1.0, self.place > 30, False, {}

    def draw_background(self, canvas):
        self.backgrounds += 1
        canvas.fill(BLACK)
        canvas.rect(0, 20, 40, 4, (9, 9, 9))

    def draw(self, canvas):
        self.drawn += 1
        canvas.rect(self.place, 5, 3, 3, RED)

    def ansi(self):
        return "." * self.place + "o"


@pytest.fixture
def _no_screen(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    import pygame

    pygame.display.quit()


def test_a_frame_is_the_background_with_the_drawing_on_it():
    env = Walker("rgb_array")
    env.reset(seed=0)
    frame = env.render()
    assert (frame.shape, frame.dtype, frame.flags.c_contiguous) == ((24, 40, 3), np.uint8, True)
    assert tuple(frame[6, 3]) == RED
    assert tuple(frame[22, 3]) == (9, 9, 9)


def test_the_background_is_drawn_once_until_it_is_forgotten():
    env = Walker("rgb_array")
    for _ in range(3):
        env.reset(seed=0)
        env.render()
    assert env.backgrounds == 1
    env.forget_background()
    env.render()
    assert env.backgrounds == 2


def test_frames_belong_to_the_caller():
    env = Walker("rgb_array")
    env.reset(seed=0)
    first = env.render()
    kept = first.copy()
    env.step(0)
    env.render()[:] = 77
    np.testing.assert_array_equal(first, kept)
    first[:] = 13
    assert env.render().max() == 200


def test_rendering_twice_gives_the_same_picture_after_the_end_too():
    env = Walker("rgb_array")
    env.reset(seed=0)
    while not env.step(0)[2]:
        pass
    np.testing.assert_array_equal(env.render(), env.render())


def test_rendering_draws_no_random_number():
    seen, unseen = Walker("rgb_array"), Walker()
    seen.reset(seed=5)
    unseen.reset(seed=5)
    for _ in range(10):
        seen.render()
        assert seen.step(0)[0] == unseen.step(0)[0]


def test_showing_costs_nothing_unless_somebody_looks():
    env = Walker("rgb_array")
    env.reset(seed=0)
    env.step(0)
    assert env.drawn == 0


def test_ansi_is_text():
    env = Walker("ansi")
    env.reset(seed=0)
    assert env.render() == "..o"


def test_a_mode_that_is_not_declared_is_refused():
    with pytest.raises(ValueError, match="'depth_array' is not one that Walker offers: human, rgb_array, ansi or None"):
        Walker("depth_array")


def test_rendering_without_a_mode_warns_and_gives_nothing():
    env = Walker()
    env.reset(seed=0)
    with pytest.warns(UserWarning, match="made with render_mode=None; make it with render_mode='rgb_array'"):
        assert env.render() is None


def test_an_environment_without_a_drawing_says_what_to_define():
    class Blank(DrawnEnv):
        pass

    with pytest.raises(NotImplementedError, match=r"Blank has to define draw\(self, canvas\)"):
        Blank(render_mode="rgb_array").render()


@pytest.mark.usefixtures("_no_screen")
@pytest.mark.parametrize("mode", ["human", "rgb_array"])
@pytest.mark.parametrize("again", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
def test_a_copy_in_the_middle_of_an_episode_plays_on_and_draws(mode, again):
    env = Walker(mode)
    env.reset(seed=3)
    env.step(0)
    env.render()
    twin = again(env)
    assert [twin.step(0)[0] for _ in range(5)] == [env.step(0)[0] for _ in range(5)]
    np.testing.assert_array_equal(twin.render(), env.render())
    twin.close()
    env.close()


@pytest.mark.usefixtures("_no_screen")
def test_human_mode_shows_every_step_and_returns_nothing():
    env = Walker("human")
    env.reset(seed=0)
    for _ in range(3):
        env.step(0)
    assert env.drawn == 4
    assert env.render() is None
    env.close()


@pytest.mark.usefixtures("_no_screen")
def test_a_window_that_the_user_closed_stays_closed_and_nothing_crashes():
    import pygame

    env = Walker("human")
    env.reset(seed=0)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    env.step(0)
    drawn = env.drawn
    env.step(0)
    env.reset()
    env.render()
    assert env.place == 2
    assert not pygame.display.get_init()
    assert env.drawn == drawn + 1  # by render, which nobody sees
    env.close()


def test_closing_before_anything_and_twice_is_harmless():
    env = Walker("rgb_array")
    env.close()
    env.close()
    env.reset(seed=0)
    assert env.render().shape == (24, 40, 3)


def test_no_display_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(UsageError, match="needs a display, and none can be opened .* use render_mode='rgb_array'"):
        Walker("human").reset(seed=0)


UNSEEN = """
import gymnasium, sys, warnings
from envkit.envs.gridworld import GridWorld
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        env = GridWorld(render_mode="human")
        env.reset(seed=0)
        env.close()
for warning in caught:
    print(warning.message)
"""


def shown_by(program, **surroundings):
    """(what it prints, what it says on stderr), in a new process without a display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER")
    env = {name: value for name, value in os.environ.items() if name not in hidden} | surroundings
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_window_that_nobody_can_see_is_told_once_with_the_remedy():
    out, err = shown_by(UNSEEN)
    assert out.count("nobody sees it") == 1
    assert "`xvfb-run -a`" in out
    assert "render_mode='rgb_array'" in out
    assert err == ""  # nor does SDL's search for a display say anything


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_who_asks_for_a_window_in_memory_is_not_warned(driver):
    assert shown_by(UNSEEN, SDL_VIDEODRIVER=driver) == ("", "")


@pytest.mark.usefixtures("_no_screen")
@pytest.mark.parametrize("name", ["XDG_RUNTIME_DIR", "nothing"])
def test_opening_a_window_leaves_the_surroundings_as_they_were(monkeypatch, name):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv(name, "/somewhere")
    before = dict(os.environ)
    env = Walker("human")
    env.reset(seed=0)
    env.close()
    assert dict(os.environ) == before


@pytest.fixture
def _registered():
    gymnasium.register("Walker-v0", Walker)
    gymnasium.register("Lister-v0", Lister)
    yield
    del gymnasium.registry["Walker-v0"], gymnasium.registry["Lister-v0"]


class Lister(Walker):
    metadata = {"render_modes": ["rgb_array", "rgb_array_list"], "render_fps": 50}  # noqa: RUF012


def made(id):
    return lambda: gymnasium.make(id, render_mode="rgb_array_list")


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize(
    "make",
    [made("Walker-v0"), made("Lister-v0"), lambda: Walker("rgb_array_list"), lambda: Lister("rgb_array_list")],
    ids=["collected by Gymnasium", "declared", "constructed", "declared and constructed"],
)
def test_a_list_has_the_frames_since_the_reset_or_the_last_render(make):
    env, single = make(), Walker("rgb_array")
    assert env.render_mode == "rgb_array_list"
    wanted = []
    for twin in (env, single):
        twin.reset(seed=4)
    wanted.append(single.render())
    for _ in range(3):
        env.step(0)
        single.step(0)
        wanted.append(single.render())
    frames = env.render()
    assert isinstance(frames, list)
    np.testing.assert_array_equal(frames, wanted)
    assert env.render() == []
    env.step(0)
    assert len(env.render()) == 1
    env.step(0)
    env.reset()
    assert len(env.render()) == 1  # the step before the reset is of another episode
    env.close()


def test_texts_are_listed_too():
    env = Walker("ansi_list")
    env.reset(seed=0)
    env.step(0)
    assert env.render() == ["..o", env.ansi()]


def test_a_copy_has_its_own_list():
    env = Walker("rgb_array_list")
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    twin.step(0)
    assert (len(env.render()), len(twin.render())) == (1, 2)


def test_a_mode_that_an_author_adds_is_an_authors_to_render():
    class Deep(Walker):
        metadata = {"render_modes": ["depth_array"], "render_fps": 50}  # noqa: RUF012

    env = Deep("depth_array")
    env.reset(seed=0)
    with pytest.raises(NotImplementedError, match=r"Deep declares the render mode 'depth_array': define what render"):
        env.render()


def test_a_background_gives_back_every_row():
    canvas = Canvas(31, 20)
    canvas.circle(15, 9, 7, RED)
    background = Background.of(canvas.frame)
    assert len(background.rows) < 20
    np.testing.assert_array_equal(background.copy(), canvas.frame)


def test_the_package_offers_what_an_author_needs():
    import envkit.authoring

    assert envkit.authoring.__all__ == sorted(envkit.authoring.__all__) == ["Canvas", "DrawnEnv", "Overlay", "Sprite"]
    assert envkit.authoring.DrawnEnv is DrawnEnv
