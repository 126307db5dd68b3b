"""envkit watch: the frames of several environments as tiles of one window."""

import numpy as np
import pytest

from envkit.authoring.window import Window
from envkit.cli.main import run
from envkit.core.errors import EnvironmentFailed
from envkit.workflows.watch import GAP, GROUND, tiled


def test_tiles_fill_a_field_row_by_row():
    frames = [np.full((2, 3, 3), shade, np.uint8) for shade in (10, 20, 30)]
    field = tiled(frames)
    assert field.shape == (4 + GAP, 6 + GAP, 3)
    assert (field[:2, :3] == 10).all()
    assert (field[:2, 3 + GAP :] == 20).all()
    assert (field[2 + GAP :, :3] == 30).all()
    assert (field[2 + GAP :, 3 + GAP :] == GROUND).all()
    np.testing.assert_array_equal(tiled(frames[:1]), frames[0])
    with pytest.raises(EnvironmentFailed, match="several sizes: 2 x 3, 4 x 3"):
        tiled([frames[0], np.zeros((4, 3, 3), np.uint8)])


@pytest.fixture
def unseen(monkeypatch):
    """A window that nobody has to see: without a display SDL draws into memory only."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def test_it_shows_every_step_of_every_environment_and_says_what_was_earned(unseen, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(Window, "show", lambda self, canvas: shown.append(canvas.frame.copy()))
    monkeypatch.setattr(Window, "wait", lambda self: None)
    asked = ["watch", "gridworld", "--policy", "random", "--n-envs", "3", "--episodes", "2", "--max-steps", "5"]
    assert run(asked) == 0
    assert capsys.readouterr().out.endswith(" on average of 6 episodes\n")
    assert len(shown) == 2 * (5 + 1)
    height, width = shown[0].shape[:2]
    tile = (height - GAP) // 2, (width - GAP) // 2
    first, second = (frame[: tile[0], : tile[1]] for frame in shown[:2])
    assert (first != second).any()


def test_it_ends_when_the_window_is_closed(unseen, monkeypatch):
    def show(self, canvas):
        self.dismissed = True

    monkeypatch.setattr(Window, "show", show)
    assert run(["watch", "gridworld"]) == 0


def test_where_nobody_sees_the_window_it_ends_by_itself(unseen, capsys):
    assert run(["watch", "gridworld", "--policy", "random", "--n-envs", "2", "--max-steps", "3"]) == 0
    assert capsys.readouterr().out.endswith(" on average of 2 episodes\n")


def test_without_a_display_it_says_what_to_do(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert run(["watch", "gridworld"]) == 2
    assert "gridworld cannot be watched: there is no display" in capsys.readouterr().err


def test_what_has_no_frames_is_refused(capsys):
    assert run(["watch", "Blackjack-v1", "--policy", "nowhere"]) == 2
    assert "nowhere is not the directory of a run" in capsys.readouterr().err
