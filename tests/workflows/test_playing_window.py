"""Playing in a real window on a display of its own: keys, time, undo, the close button, and what is to be seen."""

import numpy as np
import pytest
from PIL import Image
from screen import Screen, needs_screen

from envkit.authoring import palette
from envkit.core.ref import EnvRef
from envkit.runs.transcripts import load
from envkit.workflows.replay import replay

pytestmark = needs_screen


@pytest.fixture
def screen(tmp_path):
    made = Screen(tmp_path)
    yield made
    made.close()


def frame_of(id, actions, seed=0, **kwargs):
    env = EnvRef.of(id, **kwargs).make(render_mode="rgb_array")
    env.reset(seed=seed)
    for action in actions:
        env.step(action)
    frame = env.render()
    env.close()
    return frame


def distance(picture, frame):
    """How far the window's left part is from a square frame: the mean of the differences of pixels, 0 to 255."""
    window = picture[80:680, 80:680]  # 600 x 600, in the middle of the screen
    scaled = np.asarray(Image.fromarray(frame).resize((600, 600), Image.Resampling.BILINEAR))
    return np.abs(window.astype(float) - scaled).mean()


def has_colour(picture, colour):
    return bool((picture == colour).all(axis=2).any())


def test_keys_move_undo_takes_back_and_the_close_button_ends(screen, tmp_path):
    program = screen.start("play", "gridworld", "--record", "game.json")
    screen.press("Right", "d", "Down", "Down")
    screen.press("u")
    screen.wait_for(lambda: shows(screen, frame_of("gridworld", [1, 1, 2])), program)
    picture = screen.picture()
    assert distance(picture, frame_of("gridworld", [1, 1, 2, 2])) > 2
    assert has_colour(picture, palette.PAPER)
    screen.press_close_button()
    code, out = screen.end(program)
    assert code == 0
    assert "episode 0: return -3 after 3 steps, given up\n" in out
    kept = load(tmp_path / "game.json")
    assert (kept.episodes[0].actions, kept.episodes[0].player) == ((1, 1, 2), "person")
    assert replay(kept).same


def shows(screen, frame, most=1.6):
    return distance(screen.picture(), frame) < most


def test_a_held_key_repeats_and_escape_ends(screen, tmp_path):
    program = screen.start("play", "gridworld", "--record", "game.json")
    screen.tool("keydown", "Right")
    screen.wait_for(lambda: shows(screen, frame_of("gridworld", [1] * 8)), program)
    screen.tool("keyup", "Right")
    screen.press("Escape")
    assert screen.end(program)[0] == 0
    assert set(load(tmp_path / "game.json").episodes[0].actions) == {1}


def test_in_real_time_it_waits_for_a_key_and_then_goes_on_by_itself(screen, tmp_path):
    program = screen.start("play", "CartPole-v1", "--record", "game.json", "--episodes", "1")
    screen.wait_for(lambda: has_colour(screen.picture(), palette.VERMILION), program)  # press a key to begin
    screen.press("minus", "minus", "Right")
    screen.wait_for(lambda: not has_colour(screen.picture(), palette.VERMILION), program)
    screen.wait_for(lambda: has_colour(screen.picture(), palette.VERMILION), program)  # why it has ended
    screen.press("Return")
    code, out = screen.end(program)
    assert code == 0
    assert "terminated" in out
    (episode,) = load(tmp_path / "game.json").episodes
    assert set(episode.actions) == {1}  # it is held, as nothing else was pressed
    assert episode.steps[-1].terminated


def test_the_policy_plays_beside_a_person_who_takes_over(screen, tmp_path):
    program = screen.start(
        "play", "FrozenLake-v1", "--policy", "random", "--take-over", "--record", "game.json", "--env-kwargs",
        "is_slippery=false",
    )  # fmt: skip
    screen.press("r", "Tab", "Left", "Left")
    screen.press("Escape")
    assert screen.end(program)[0] == 0
    last = load(tmp_path / "game.json").episodes[-1]
    assert last.player.endswith("person")
    assert last.actions[-2:] == (0, 0)


def test_the_window_can_be_resized_and_lose_its_keyboard(screen):
    program = screen.start("play", "shower")
    screen.press("Up")
    for size in (("700", "400"), ("200", "100"), ("1000", "700")):
        screen.tool("windowsize", "--sync", screen.window, *size)
        screen.press("space")
    screen.tool("keydown", "Up")
    screen.tool("windowfocus", screen.tool("search", "--maxdepth", "0", "--class", ""))  # the root window
    screen.tool("keyup", "Up")
    screen.tool("windowfocus", screen.window)
    screen.press("h", "h", "Escape")
    code, out = screen.end(program)
    assert code == 0
    assert "steps, given up" in out


def test_a_replay_is_shown_in_a_window(screen, tmp_path):
    program = screen.start("play", "gridworld", "--record", "game.json")
    screen.press("Right", "Down", "Escape")
    assert screen.end(program)[0] == 0
    import subprocess
    import sys

    command = [sys.executable, "-m", "envkit.cli.main", "replay", "game.json", "--render"]
    done = subprocess.run(command, env=screen.env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "game.json: the same, 2 steps\n")


def test_a_display_that_does_not_answer_is_one_line(screen):
    screen.env["DISPLAY"] = ":9999"
    with pytest.raises(AssertionError) as ended:
        screen.start("play", "gridworld")
    assert "envkit: no window can be opened (no display answers); --text plays on the terminal" in str(ended.value)


def test_an_environment_whose_frames_are_wrong_is_one_line(screen, tmp_path):
    (tmp_path / "wrong.py").write_text(
        "import gymnasium, numpy\n\n"
        "class Wrong(gymnasium.Env):\n"
        '    metadata = {"render_modes": ["rgb_array"]}\n'
        "    action_space = observation_space = gymnasium.spaces.Discrete(2)\n"
        "    def __init__(self, render_mode=None):\n        self.render_mode = render_mode\n"
        "    def reset(self, *, seed=None, options=None):\n        return 0, {}\n"
        "    def step(self, action):\n        return 0, 0.0, False, False, {}\n"
        "    def render(self):\n        return numpy.zeros((3, 4))\n"
    )
    with pytest.raises(AssertionError) as ended:
        screen.start("play", "wrong.py:Wrong")
    told = str(ended.value)
    assert "render() of wrong.py:Wrong, episode 0, step 0, returned" in told
    assert "a frame is a uint8 array of shape (height, width, 3)" in told
    assert "Traceback" not in told
