"""Playing on a terminal: a real one, made of a pseudo-terminal, and lines from a pipe."""

import io
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from envkit.cli.main import run
from envkit.runs.transcripts import load

termios = pytest.importorskip("termios")
pty = pytest.importorskip("pty")

PATIENCE = 30  # seconds for what should take one


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *argv, cwd):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        command = [sys.executable, "-m", "envkit.cli.main", *argv]
        ends = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave}
        self.program = subprocess.Popen(command, **ends, cwd=cwd, preexec_fn=self._own)
        self.seen = ""

    @staticmethod
    def _own():
        import fcntl

        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, text):
        """What was written since the last call, up to and with `text`."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} did not come: {self.seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode().replace("\r\n", "\n")
        found, _, self.seen = self.seen.partition(text)
        return found + text

    def end(self):
        """Its exit code, and whether the terminal is as it was."""
        code = self.program.wait(PATIENCE)
        return code, termios.tcgetattr(self.slave) == self.before

    def close(self):
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(tmp_path):
    started = []

    def start(*argv):
        started.append(Terminal(*argv, cwd=tmp_path))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_single_keys_arrows_and_undo_on_a_terminal(terminal, tmp_path):
    shell = terminal("play", "gridworld", "--text", "--record", "game.json")
    assert "up or w" in shell.wait_for("escape")
    for typed, step in (("\x1b[C", 1), ("d", 2), ("\x1bOB", 3), ("u", 2), ("s", 3)):
        shell.type(typed)
        shell.wait_for(f"step {step} ")
    shell.type("\x1b[24~")  # F12, which nothing is bound to
    shell.wait_for("step 3 ")
    shell.type("é")
    shell.wait_for("step 3 ")
    shell.type("\x1b")
    shell.wait_for("episode 0: return -3 after 3 steps, given up\n")
    assert shell.end() == (0, True)
    assert load(tmp_path / "game.json").episodes[0].actions == (1, 1, 2)


def test_ctrl_c_puts_the_terminal_back_and_keeps_the_episode(terminal, tmp_path):
    shell = terminal("play", "gridworld", "--text", "--record", "game.json")
    shell.wait_for("escape")
    shell.type("d")
    shell.wait_for("step 1 ")
    shell.type("\x03")
    shell.wait_for("interrupted")
    assert shell.end() == (130, True)
    assert load(tmp_path / "game.json").steps == 1


def test_so_does_sigterm(terminal, tmp_path):
    shell = terminal("play", "gridworld", "--text", "--record", "game.json")
    shell.wait_for("escape")
    shell.type("d")
    shell.wait_for("step 1 ")
    shell.program.send_signal(signal.SIGTERM)
    assert shell.end() == (143, True)
    assert load(tmp_path / "game.json").steps == 1


FRAIL = """
import gymnasium
from gymnasium import spaces

class Frail(gymnasium.Env):
    metadata = {"render_modes": []}
    observation_space, action_space = spaces.Box(0, 9, (2,)), spaces.Discrete(3)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.np_random.random(2, "float32"), {}
    def step(self, action):
        self.steps += 1
        if action == 2:
            raise ValueError("broke")
        return self.np_random.random(2, "float32"), 1.0, self.steps == 4, False, {}
"""


def test_an_environment_that_fails_leaves_the_terminal_as_it_was_and_the_episode_on_disk(terminal, tmp_path):
    (tmp_path / "frail.py").write_text(FRAIL)
    shell = terminal("play", "frail.py:Frail", "--text", "--record", "game.json")
    shell.wait_for("escape")
    shell.type("0")
    shell.wait_for("step 1 ")
    shell.type("2")
    shell.wait_for("envkit: step(2) of frail.py:Frail, episode 0, step 1, raised ValueError: broke\n")
    assert shell.end() == (3, True)
    assert load(tmp_path / "game.json").steps == 1


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    """Plays what the lines say; returns the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frail.py").write_text(FRAIL)

    def played(*argv, lines=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        code = run(["play", *argv])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return played


def test_a_game_can_be_written_down_in_lines(play):
    code, out, err = play("gridworld", "--text", lines="right\nd down\n\nu\nnew\nleft\nquit\nright\n")
    assert (code, err) == (0, "")
    assert out.count("step 2 ") == 1
    assert "episode 0: return -2 after 2 steps, given up\nepisode 1: return -1 after 1 step, given up\n" in out
    assert out.count("\n\nup or w") == 1  # the keys are told once


def test_lines_name_actions_too_and_unknown_ones_are_told(play):
    code, out, _ = play("nim", "--text", lines="take 2\n1\nhop\nhelp\n")
    assert code == 0
    assert "action take 2" in out
    assert "action take 1" in out
    assert "'hop' is no key here" in out
    assert out.count("1        take 1\n") == 2


def test_where_there_is_no_text_the_observation_is_told(play):
    code, out, _ = play("frail.py:Frail", lines="0\n1\n0\n0\nenter\n0\n")
    assert code == 0
    assert "observation array([" in out
    assert "terminated: the game is over; r begins the next one" in out
    assert "episode 0: return 4 after 4 steps, terminated\nepisode 1: return 1 after 1 step, given up\n" in out


def test_a_policy_plays_the_rest_of_an_episode(play):
    code, out, _ = play(
        "FrozenLake-v1", "--text", "--policy", "random", "--take-over", "--episodes", "1", "--record", "a.json"
    )
    assert code == 0
    assert out.count("plays random") > 2
    code, out, _ = play(
        "FrozenLake-v1", "--text", "--policy", "random", "--take-over", "--seed", "1", "--record", "b.json",
        lines="tab new\nleft\ntab\n",
    )  # fmt: skip
    assert load_players("a.json") == ["random"]
    assert load_players("b.json")[-1] == "person and random"


def load_players(name):
    from pathlib import Path

    return [episode.player for episode in load(Path(name)).episodes]


def test_an_action_is_put_together_by_lines(play):
    code, out, _ = play("greenhouse", "--text", lines="1 2 4\nenter\n")
    assert code == 0
    assert "action lamp 1, valves [1 0 1] " in out
    code, out, _ = play("mooring", "--text", "--keys", "x=0:0.5", lines="x enter\n")
    assert "action [0.5 0] " in out


def test_nothing_played_is_nothing_written(play, tmp_path):
    code, out, _ = play("gridworld", "--text", "--record", "game.json")
    assert code == 0
    assert out.endswith("game.json is not written: no step was taken\n")
    assert not (tmp_path / "game.json").exists()


def test_a_film_of_a_game_on_the_terminal_is_without_what_was_undone(play, tmp_path):
    image = pytest.importorskip("PIL.Image")
    code, out, _ = play("gridworld", "--text", "--record", "game.gif", lines="right\nright\nu\ndown\n")
    assert (code, "game.gif: 7 frames" in out) == (0, True)
    with image.open(tmp_path / "game.gif") as film:
        assert sum(1 for _ in range(film.n_frames)) == 3  # the last one stays


def test_a_film_of_what_does_not_repeat_keeps_the_episodes(play, tmp_path):
    (tmp_path / "odd.py").write_text(
        FRAIL.replace('"render_modes": []', '"render_modes": ["rgb_array", "ansi"]')
        .replace("class Frail", "import itertools, numpy\ncount = itertools.count()\n\nclass Frail")
        .replace("    def reset", "    def __init__(self, render_mode=None):\n        self.render_mode = render_mode\n    def reset", 1)
        .replace("1.0, self", "float(next(count)), self")
        + "    def render(self):\n"
        "        return 'odd' if self.render_mode == 'ansi' else numpy.zeros((8, 8, 3), 'uint8')\n"
    )  # fmt: skip
    code, out, err = play("odd.py:Frail", "--text", "--record", "game.gif", lines="0\n1\nu\n")
    assert code == 3
    assert "no undo here" in out
    assert "game.gif shows nothing: all frames are of one and the same colour" in out
    assert (
        "game.gif ends early: played again for it, odd.py:Frail differs at step 1 of episode 0, action 0: reward" in err
    )
    assert load(tmp_path / "game.json").steps == 2


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        ([], 2, "name an environment, envkit play ENV, or a policy, envkit play --policy RUN"),
        (["gridworld", "--take-over"], 2, "--take-over is from a policy: --policy RUN, or --policy random"),
        (["--policy", "random"], 2, "a random player needs an environment: name one before --policy random"),
        (["gridworld", "--policy", "random", "--keys", "w=0"], 2, "--keys is for playing yourself: add --take-over"),
        (["gridworld", "--policy", "random", "--turn-based"], 2, "--real-time is for playing yourself"),
        (["gridworld", "--text", "--real-time"], 2, "--real-time needs a window"),
        (["gridworld", "--text", "--keys", "w=9"], 2, "--keys w=9: 9 is not a whole number from 0 to 3"),
        (["cipher", "--text"], 2, "cipher cannot be played with keys: its action is of the kind Text"),
        (["gridworld", "--text", "--record", "game"], 2, "game has no ending; episodes are kept in a .json, and films"),
        (["gridworld", "--text", "--record", "game.avi"], 2, "game.avi ends with '.avi'; episodes are kept in a .json"),
        (["gridworld", "--text", "--record", "no/game.json"], 2, "no/game.json cannot be written: there is no folder no"),
        (["gridworld", "--text", "--env-kwargs", "size=3"], 2, "gridworld takes no argument 'size'"),
        (["nowhere", "--text"], 2, "no environment is called 'nowhere'"),
        (["gridworld", "--episodes", "0"], 2, "0 is not in the range"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_one_clear_line(play, tmp_path, argv, code, message):
    got, _, err = play(*argv)
    assert got == code
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".json", ".gif")] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_the_terminal_is_named(play, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = play("gridworld")
    assert code == 2
    assert "gridworld cannot be played in a window: there is no display; --text plays it on the terminal" in err
